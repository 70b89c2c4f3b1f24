#include "problems.hpp"

#include "text/utf8.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace feed::detail {

void problem_log::keep(problem_kind kind, std::size_t offset, std::string_view what, std::string_view done,
                       std::string_view about)
{
    if (const std::size_t mark = what.find('*'); mark != std::string_view::npos) {
        constexpr std::size_t longest = 60;
        std::string text(what.substr(0, mark));
        text.append(cut_utf8(about, longest)).append(what.substr(mark + 1));
        what = memory_.copy(text);
    }
    entries_.push_back({problem{kind, 0, 0, what, done}, offset, 2});
}

void problem_log::note_whole(problem_kind kind, std::string_view what, std::string_view done, subject of)
{
    ++count_;
    bozo_ = bozo_ || kind != problem_kind::note;
    entries_.push_back(
        {problem{kind, 0, 0, memory_.copy(what), memory_.copy(done)}, 0, of == subject::arrival ? 0 : 1});
}

namespace {

// Goes through a text in pieces, and knows the line and column it is at.
class place_finder {
public:
    explicit place_finder(const std::vector<std::string_view>& pieces) : pieces_(pieces) {}

    // Offsets must not go back.
    void go_to(std::size_t offset)
    {
        while (piece_ < pieces_.size() && start_ + pieces_[piece_].size() < offset) {
            take(pieces_[piece_].size());
            start_ += pieces_[piece_].size();
            at_ = 0;
            ++piece_;
        }
        if (piece_ < pieces_.size() && offset > start_ + at_)
            take(offset - start_);
    }

    std::uint32_t line = 1;
    std::uint32_t column = 1;

private:
    void take(std::size_t end)
    {
        const std::string_view text = pieces_[piece_].substr(at_, end - at_);
        const std::size_t last = text.rfind('\n');
        if (last != std::string_view::npos) {
            line += static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
            column = 1;
        }
        const std::string_view rest = last == std::string_view::npos ? text : text.substr(last + 1);
        column += static_cast<std::uint32_t>(std::count_if(
            rest.begin(), rest.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
        at_ = end;
    }

    const std::vector<std::string_view>& pieces_;
    std::size_t piece_ = 0;
    std::size_t start_ = 0; // of the piece in the text
    std::size_t at_ = 0;    // in the piece
};

} // namespace

std::vector<problem> problem_log::finish(const std::vector<std::string_view>& pieces)
{
    std::stable_sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
        return std::pair(a.rank, a.offset) < std::pair(b.rank, b.offset);
    });
    std::vector<problem> result;
    place_finder place(pieces);
    for (entry& each : entries_) {
        if (each.rank == 2) {
            place.go_to(each.offset);
            each.told.line = place.line;
            each.told.column = place.column;
        }
        result.push_back(each.told);
    }
    return result;
}

} // namespace feed::detail
