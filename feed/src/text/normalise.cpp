#include "text/normalise.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

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

// The next byte at or after `from` that is a carriage return or a control character.
std::size_t find_unclean(const std::string& text, std::size_t from) noexcept
{
    constexpr std::size_t block = 256;
    while (from < text.size()) {
        const std::size_t size = std::min(block, text.size() - from);
        if (!is_clean(text.data() + from, size)) {
            const char* at = text.data() + from;
            while (is_clean(at, 1))
                ++at;
            return static_cast<std::size_t>(at - text.data());
        }
        from += size;
    }
    return text.size();
}

} // namespace

void normalise(std::string& text, problem_log& problems, bool xml)
{
    std::size_t from = find_unclean(text, 0);
    std::size_t to = from;
    while (from < text.size()) {
        if (text[from] != '\r') {
            if (xml)
                problems.note(problem_kind::not_well_formed, to, "there is a control character", "left out");
        } else if (from + 1 == text.size() || text[from + 1] != '\n') {
            text[to++] = '\n';
        }
        ++from;
        const std::size_t next = find_unclean(text, from);
        std::memmove(text.data() + to, text.data() + from, next - from);
        to += next - from;
        from = next;
    }
    text.resize(to);
}

} // namespace feed::detail
