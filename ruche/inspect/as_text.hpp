#pragma once

#include "rates.hpp"

#include <string>

/// One look for people. Objects that nobody holds, waits for, or has put anything into are counted only, unless
/// `everything` is asked for.
[[nodiscard]] std::string as_text(const std::vector<ruche::inspect::program>& programs, const rates& speeds,
                                  bool everything);
