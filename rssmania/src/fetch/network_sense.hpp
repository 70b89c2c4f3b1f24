#pragma once

#include "fetch/http_client.hpp"

#include <functional>
#include <set>
#include <string>

namespace rssmania {

/// Tells a network that is down here from servers that are down there.
///
/// No route to anywhere: then it is ours. Names that can't be resolved, of several hosts one after the other with no
/// answer from anybody in between: then it is ours, too. Answers of this machine itself prove nothing.
class network_sense {
public:
    /// `has_route` says whether there is any way out; that of the system if not given.
    explicit network_sense(std::function<bool()> has_route = {});

    /// Whether the failure of this answer, if it is one, is no fault of its server. Takes note of it.
    [[nodiscard]] bool is_offline(const http_answer& answer);

private:
    std::function<bool()> has_route_;
    std::set<std::string> without_name_; // hosts, since anybody answered
};

/// Whether the system knows a way to the rest of the world. Sends nothing.
[[nodiscard]] bool has_route_to_the_world();

} // namespace rssmania
