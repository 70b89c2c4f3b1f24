#pragma once

#include "pipeline/messages.hpp"

#include <string>

namespace rssmania {

/// What is wrong, in the user's language, as it stands behind the address of the feed: `no answer: Connection refused`.
/// What comes from a server is made printable.
[[nodiscard]] std::string words_for(const problem& wrong);

} // namespace rssmania
