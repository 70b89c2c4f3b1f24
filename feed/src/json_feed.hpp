#pragma once

#include "arena.hpp"
#include "problems.hpp"

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <string_view>

namespace feed::detail {

/// Reads JSON Feed 1.0 or 1.1 out of `text` into `result`.
void read_json_feed(std::string_view text, document& result, arena& memory, problem_log& problems, const options& how);

} // namespace feed::detail
