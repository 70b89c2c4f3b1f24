#pragma once

#include "pipeline/messages.hpp"

#include <string>
#include <vector>

namespace rssmania {

/// The calls of notify-send(1) that tell of these articles, one for all that came of a feed together: the program and
/// its arguments, of which those that a feed has a say in stand behind `--` and are free of control characters and
/// markup.
[[nodiscard]] std::vector<std::vector<std::string>> notifications(const std::vector<news>& events);

} // namespace rssmania
