#pragma once

#include <feed/document.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

#include "arena.hpp"

namespace feed::detail {

/// Collects what is wrong with a document. Places are bytes of its text; lines and columns are counted once, at the
/// end.
class problem_log {
public:
    problem_log(arena& memory, std::size_t most) : memory_(memory), most_(most) {}

    /// Notes a problem at `offset`. `about` is put into `what` where that has an asterisk. Nothing is copied or
    /// formatted once enough problems are known, so that a document of a million faults costs no more than one of a
    /// hundred.
    void note(problem_kind kind, std::size_t offset, std::string_view what, std::string_view done,
              std::string_view about = {})
    {
        ++count_;
        bozo_ = bozo_ || kind != problem_kind::note;
        if (entries_.size() < most_)
            keep(kind, offset, what, done, about);
    }
    /// One that concerns the document as a whole. Those of how it came (its size, encoding, media type) are told before
    /// those of what it says.
    enum class subject { arrival, contents };
    void note_whole(problem_kind kind, std::string_view what, std::string_view done, subject of = subject::contents);

    /// Where the reader is, for those who note something and do not know.
    void set_place(std::size_t offset) noexcept { place_ = offset; }
    [[nodiscard]] std::size_t place() const noexcept { return place_; }

    [[nodiscard]] bool bozo() const noexcept { return bozo_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// The problems, with the line and column that their places have in the text that `pieces` are, one after the
    /// other.
    [[nodiscard]] std::vector<problem> finish(const std::vector<std::string_view>& pieces);

private:
    struct entry {
        problem told;
        std::size_t offset;
        int rank; // 0 and 1 concern the whole; 2 has a place
    };
    void keep(problem_kind kind, std::size_t offset, std::string_view what, std::string_view done,
              std::string_view about);

    arena& memory_;
    std::size_t most_;
    std::size_t place_ = 0;
    std::size_t count_ = 0;
    bool bozo_ = false;
    std::vector<entry> entries_;
};

} // namespace feed::detail
