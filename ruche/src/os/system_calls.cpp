#include "os/system_calls.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace ruche::os {

namespace {

struct named_call {
    int number;
    const char* name;
};

// Made by CMake from the kernel headers of this machine's kind.
constexpr named_call names[] = {
#include "system_call_names.inc"
};

} // namespace

std::string system_call_name(int number)
{
    const auto* found =
        std::find_if(std::begin(names), std::end(names), [&](const named_call& one) { return one.number == number; });
    return found == std::end(names) ? "number " + std::to_string(number) : found->name;
}

} // namespace ruche::os
