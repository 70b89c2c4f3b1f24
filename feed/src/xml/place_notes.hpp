#pragma once

#include "problems.hpp"

#include <cstddef>
#include <string_view>

namespace feed::detail {

/// Notes problems at places of a document of which a piece lies in memory.
class place_notes {
public:
    place_notes(problem_log& problems, const char* begin) : problems_(problems), begin_(begin) {}

    /// What is noted from now on lies in a piece of the document that starts at `begin`, `offset` bytes into it.
    void move_to(const char* begin, std::size_t offset) noexcept
    {
        begin_ = begin;
        offset_ = offset;
    }

    [[nodiscard]] std::size_t offset_of(const char* place) const noexcept
    {
        return offset_ + static_cast<std::size_t>(place - begin_);
    }

    /// That the document is not well-formed at `place`. See `problem_log::note`.
    void note(const char* place, std::string_view what, std::string_view done, std::string_view about = {})
    {
        note(problem_kind::not_well_formed, place, what, done, about);
    }

    void note(problem_kind kind, const char* place, std::string_view what, std::string_view done,
              std::string_view about = {})
    {
        problems_.note(kind, offset_of(place), what, done, about);
    }

    /// Where the reader is, for those who note something and do not know.
    void set_place(const char* place) noexcept { problems_.set_place(offset_of(place)); }

private:
    problem_log& problems_;
    const char* begin_;
    std::size_t offset_ = 0;
};

} // namespace feed::detail
