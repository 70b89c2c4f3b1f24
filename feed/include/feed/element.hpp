#pragma once

#include <feed/list.hpp>

#include <cstdint>
#include <string_view>

namespace feed {

/// A name and value, as an element or a link has them.
struct attribute {
    std::string_view name; ///< with its usual prefix if it has one: `rdf:about`
    std::string_view value;
};

/// An element that no field stands for (an extension, or something unheard of), with all that it holds.
///
///     for (const feed::element& each : entry.extensions)
///         if (each.prefix == "prism" && each.name == "doi")
///             std::cout << each.text << '\n';
struct element {
    std::string_view prefix;        ///< the usual one for its namespace (`podcast`), else the document's own
    std::string_view name;          ///< without prefix, in lower case
    std::string_view namespace_uri; ///< as declared; null if it was not
    std::string_view text;          ///< its own text, trimmed
    list<attribute> attributes;
    list<element> children;
    std::uint16_t code = 0; ///< which of the elements known to this library it is; 0 for none

    /// The value of the attribute of that name (in lower case); null if it has none.
    [[nodiscard]] std::string_view value_of(std::string_view attribute_name) const noexcept;
    /// The first child `child_name`; null if there is none.
    [[nodiscard]] const element* child(std::string_view child_name) const noexcept;
};

} // namespace feed
