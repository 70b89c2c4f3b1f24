#pragma once

#include <feed_command/parse.hpp>

#include <feed/options.hpp>

namespace feed_command {

/// The value of the header with this name; empty if there is none.
[[nodiscard]] std::string_view find(const headers& about, std::string_view name);

/// How a feed of which this is known is to be parsed. Its texts are those of `about`.
[[nodiscard]] feed::options options_for(const headers& about);

} // namespace feed_command
