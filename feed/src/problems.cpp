#include "problems.hpp"

#include <algorithm>
#include <string>

namespace feed::detail {

void problem_log::keep(problem_kind kind, std::size_t offset, std::string_view what, std::string_view done,
                       std::string_view about)
{
    if (const std::size_t mark = what.find('*'); mark != std::string_view::npos) {
        constexpr std::size_t longest = 60;
        std::string text(what.substr(0, mark));
        std::size_t length = std::min(about.size(), longest);
        while (length < about.size() && length > 0 && (static_cast<unsigned char>(about[length]) & 0xC0U) == 0x80U)
            --length; // not within a character
        text.append(about.substr(0, length)).append(what.substr(mark + 1));
        what = memory_.copy(text);
    }
    entries_.push_back({problem{kind, 0, 0, what, done}, offset, false});
}

void problem_log::note_whole(problem_kind kind, std::string_view what, std::string_view done)
{
    ++count_;
    bozo_ = bozo_ || kind != problem_kind::note;
    entries_.push_back({problem{kind, 0, 0, memory_.copy(what), done}, 0, true});
}

std::vector<problem> problem_log::finish(std::string_view text)
{
    std::stable_sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
        return std::pair(!a.whole, a.offset) < std::pair(!b.whole, b.offset);
    });
    std::vector<problem> result;
    std::uint32_t line = 1;
    std::size_t line_start = 0;
    std::size_t at = 0;
    for (entry& each : entries_) {
        if (!each.whole) {
            const std::size_t place = std::min(each.offset, text.size());
            for (; (at = text.find('\n', at)) < place; ++at) {
                ++line;
                line_start = at + 1;
            }
            at = place;
            each.told.line = line;
            each.told.column = static_cast<std::uint32_t>(
                1 + std::count_if(text.begin() + static_cast<std::ptrdiff_t>(line_start),
                                  text.begin() + static_cast<std::ptrdiff_t>(place),
                                  [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
        }
        result.push_back(each.told);
    }
    return result;
}

} // namespace feed::detail
