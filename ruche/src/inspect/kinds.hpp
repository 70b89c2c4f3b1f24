#pragma once

#include "inspect/portrait.hpp"

#include <string>
#include <string_view>

/// The kinds of things that processes share, by the labels of their memory.
namespace ruche::inspect {

struct kind {
    std::string_view label; ///< of its memory, up to a ':'
    std::string_view name;
    std::string_view why;                        ///< somebody sleeps on its memory
    portrait (*portray)(memory bytes) = nullptr; ///< null: there is nothing to see
};

/// Null for memory that is nothing of the kind.
[[nodiscard]] const kind* kind_of(std::string_view label) noexcept;

[[nodiscard]] inline bool is_queue(const kind& one) noexcept { return one.name == "queue" || one.name == "channel"; }

} // namespace ruche::inspect
