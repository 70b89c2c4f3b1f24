#include "text/fold_case.hpp"

#include "text/utf8.hpp"

#include <unicode/uchar.h>

namespace rssmania {

std::string fold_case(std::string_view text)
{
    std::string folded;
    folded.reserve(text.size());
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (c < 0x80)
            folded += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
        else
            append_character(folded, static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT)));
    }
    return folded;
}

} // namespace rssmania
