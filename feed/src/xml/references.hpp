#pragma once

#include "problems.hpp"
#include "xml/doctype.hpp"

#include <string>
#include <string_view>

namespace feed::detail {

/// Replaces the references in text and attribute values: characters by number, the five entities of XML, those that the
/// document declares, and HTML's, which feeds use as if XML had them. What is no reference stays as text.
class reference_expander {
public:
    /// `begin` is where the document starts: what is expanded must lie in it, so that problems can name their place.
    reference_expander(entity_declarations& entities, problem_log& problems, const char* begin) :
        entities_(entities), problems_(problems), begin_(begin)
    {}

    /// What is expanded from now on lies in a piece of the document that starts at `begin`, `offset` bytes into it.
    void move_to(const char* begin, std::size_t offset) noexcept
    {
        begin_ = begin;
        offset_ = offset;
    }

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

    void note(const char* place, std::string_view what, std::string_view done, std::string_view about = {})
    {
        // The value of a declared entity lies in the document too; only its own place is another.
        problems_.note(problem_kind::not_well_formed, offset_ + static_cast<std::size_t>(place - begin_), what, done,
                       about);
    }

    entity_declarations& entities_;
    problem_log& problems_;
    const char* begin_;
    std::size_t offset_ = 0;
    bool latin_ = false;
};

} // namespace feed::detail
