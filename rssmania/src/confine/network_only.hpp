#pragma once

#include <string>
#include <vector>

/// Walls around the process that talks to strangers: it may use the network, and of files it may read the certificates
/// and what the resolver of names needs, nothing else. It writes none, runs no program, starts no process, listens on
/// no port and signals nobody outside. (The parsers, which need even less, have `ruche::sandbox::compute`.)
namespace rssmania {

/// One of these walls, and why it doesn't stand.
struct missing_wall {
    std::string name;
    std::string why;
};

/// Builds them around this process, for ever, before it starts a thread. Those that this machine can't give are
/// returned.
[[nodiscard]] std::vector<missing_wall> allow_network_only();

/// Those that `allow_network_only` would not get here, without building any.
[[nodiscard]] std::vector<missing_wall> missing_for_network_only();

} // namespace rssmania
