#pragma once

#include "pipeline/problem.hpp"

#include <string>
#include <string_view>

namespace rssmania {

/// What a person typed as the address of a feed, completed to one we can ask: `xkcd.com/rss.xml` gets `https://`, and
/// the `feed:` that browsers once used goes. Nothing else is changed: a server sees its address as it gave it out.
[[nodiscard]] std::string complete_address(std::string_view typed);

/// Why `url` is not asked: no address, another scheme than http and https, a port that belongs to another protocol, too
/// long. `problem_kind::none` if it is fine. (Where the name leads to is checked when the connection is made.)
[[nodiscard]] problem why_not_asked(const std::string& url);

/// Host and port of `url`, lower case, as in `example.org:443`: what a limit per host counts by. Empty if `url` is no
/// address.
[[nodiscard]] std::string host_of(const std::string& url);

/// Whether `host`, as from `host_of`, is this machine by its spelling: `localhost` or a loopback address.
[[nodiscard]] bool is_this_machine(std::string_view host);

/// `url` without its user and password, as it may appear in output and logs.
[[nodiscard]] std::string without_secrets(const std::string& url);

/// `target`, as a `Location` header may give it, made absolute against `base`. Empty if it can't be.
[[nodiscard]] std::string resolve(const std::string& base, const std::string& target);

} // namespace rssmania
