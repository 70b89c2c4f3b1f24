#pragma once

#include "arena.hpp"
#include "problems.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace feed::detail {

/// A value of JSON. Texts and members lie in the arena.
struct json_value {
    enum class type : std::uint8_t { null, boolean, number, text, array, object };
    type kind = type::null;
    bool truth = false;
    std::string_view text;  ///< of a text; of a number as written
    list<json_value> items; ///< of an array; of an object, beside `names`
    list<std::string_view> names;

    /// The first member of that name; a null value if there is none.
    [[nodiscard]] const json_value& operator[](std::string_view name) const noexcept;
    [[nodiscard]] bool is_text() const noexcept { return kind == type::text; }
};

/// Reads JSON that may be damaged: what was read before an error is kept, and open arrays and objects are closed.
/// Nesting beyond `depth` is passed over.
[[nodiscard]] json_value read_json(std::string_view text, arena& memory, problem_log& problems, std::uint32_t depth);

} // namespace feed::detail
