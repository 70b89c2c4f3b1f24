#pragma once

#include <ruche/sandbox.hpp>

#include <functional>
#include <string>

namespace rssmania {

/// Finds out which walls around the stages that touch hostile data this machine can't give, and tells of each by
/// `report`, so that none is ever missing in silence. Returns what the parsers have to do without.
[[nodiscard]] ruche::sandbox::layers
tell_what_walls_are_missing(const std::function<void(const std::string& line)>& report);

} // namespace rssmania
