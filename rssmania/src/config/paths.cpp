#include "config/paths.hpp"

#include <cstdlib>
#include <stdexcept>

namespace rssmania {

std::filesystem::path default_store()
{
    // The XDG base directory specification: a relative path in the variable is to be ignored.
    if (const char* state = std::getenv("XDG_STATE_HOME"); state && *state == '/')
        return std::filesystem::path(state) / "rssmania";
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / ".local" / "state" / "rssmania";
    throw std::runtime_error("nowhere to keep the store: neither XDG_STATE_HOME nor HOME is set; use --store DIR");
}

void make_private_directory(const std::filesystem::path& directory)
{
    if (create_directories(directory))
        permissions(directory, std::filesystem::perms::owner_all);
}

} // namespace rssmania
