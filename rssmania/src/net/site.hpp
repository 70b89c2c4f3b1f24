#pragma once

#include <string>

namespace rssmania {

/// By what requests to one and the same operator are counted: the registered domain of `url`'s host
/// (`example.co.uk` for `https://news.example.co.uk:8080/feed`), so that the thousand blogs of a platform are asked as
/// one site. An address, and a name that is this machine's, is counted with its port (`127.0.0.1:8000`). Empty if `url`
/// is no address.
///
/// Uses the ICANN part of the Public Suffix List: its private part would tell the blogs of a platform apart.
[[nodiscard]] std::string site_of(const std::string& url);

} // namespace rssmania
