#include "text/normalise.hpp"

#include <algorithm>
#include <cstdint>

namespace feed::detail {

namespace {

// Whether a block has a byte below a blank that is neither a tab nor a line end: written so that the compiler makes
// vectors of it.
bool is_clean(const char* block, std::size_t size) noexcept
{
    std::uint8_t found = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto byte = static_cast<std::uint8_t>(block[i]);
        found |= static_cast<std::uint8_t>((byte < 0x20) & (byte != '\n') & (byte != '\t'));
    }
    return found == 0;
}

std::size_t find_unclean(const std::string& text) noexcept
{
    constexpr std::size_t block = 4096;
    for (std::size_t at = 0; at < text.size(); at += block)
        if (!is_clean(text.data() + at, std::min(block, text.size() - at)))
            return at;
    return text.size();
}

} // namespace

void normalise(std::string& text, problem_log& problems, bool xml)
{
    std::size_t from = find_unclean(text);
    std::size_t to = from;
    for (; from < text.size(); ++from) {
        const char c = text[from];
        if (c == '\r') {
            if (from + 1 == text.size() || text[from + 1] != '\n')
                text[to++] = '\n';
        } else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
            if (xml)
                problems.note(problem_kind::not_well_formed, to, "there is a control character", "left out");
        } else {
            text[to++] = c;
        }
    }
    text.resize(to);
}

} // namespace feed::detail
