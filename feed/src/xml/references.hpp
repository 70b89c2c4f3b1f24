#pragma once

#include "xml/doctype.hpp"
#include "xml/place_notes.hpp"

#include <string>
#include <string_view>

namespace feed::detail {

/// Replaces the references in text and attribute values: characters by number, the five entities of XML, those that the
/// document declares, and HTML's, which feeds use as if XML had them. What is no reference stays as text.
class reference_expander {
public:
    /// What is expanded must lie where `notes` names places.
    reference_expander(entity_declarations& entities, place_notes& notes) : entities_(entities), notes_(notes) {}

    /// Adds `raw`, references replaced, to `to`.
    void expand(std::string_view raw, std::string& to);

    /// Replaces the one reference (or lone `&`) that `raw` starts with; the number of bytes it takes.
    std::size_t expand_one(std::string_view raw, std::string& to);

    /// Whether a number named a character from U+0080 to U+00FF since this was last asked: it may be meant otherwise.
    [[nodiscard]] bool take_latin() noexcept
    {
        const bool seen = latin_;
        latin_ = false;
        return seen;
    }

private:
    std::size_t expand_number(std::string_view raw, std::string& to);
    std::size_t expand_surrogate(std::string_view raw, char32_t high, std::size_t length, std::string& to);
    std::size_t expand_name(std::string_view raw, std::string& to);
    void expand_declared(std::string_view value, std::string& to);

    entity_declarations& entities_;
    place_notes& notes_;
    bool latin_ = false;
};

} // namespace feed::detail
