#pragma once

#include <fstream>
#include <string>

namespace helpers {

/// How often the calling thread has gone to sleep so far: the kernel's count, which no load changes.
inline long voluntary_switches()
{
    std::ifstream status("/proc/thread-self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("voluntary_ctxt_switches:"))
            return std::stol(line.substr(line.find(':') + 1));
    return -1;
}

} // namespace helpers
