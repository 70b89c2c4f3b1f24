#pragma once

#include "rates.hpp"

#include <string>

/// One look as one line of JSON; docs/guide/inspecting.md describes it.
[[nodiscard]] std::string as_json(const std::vector<ruche::inspect::program>& programs, const rates& speeds);
