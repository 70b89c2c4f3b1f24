#pragma once

#include "problems.hpp"

#include <string>

namespace feed::detail {

/// Makes line ends `\n`, as XML asks, and takes out control characters, which it does not allow; each is noted.
void normalise(std::string& text, problem_log& problems, bool xml);

} // namespace feed::detail
