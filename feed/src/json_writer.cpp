#include "json_writer.hpp"

namespace feed::detail {

void json_writer::quote(std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    to_.push_back('"');
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto c = static_cast<unsigned char>(text[at]);
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7F)
            continue;
        to_.append(text, done, at - done);
        done = at + 1;
        switch (c) {
        case '"':
            to_.append("\\\"");
            break;
        case '\\':
            to_.append("\\\\");
            break;
        case '\n':
            to_.append("\\n");
            break;
        case '\t':
            to_.append("\\t");
            break;
        case '\r':
            to_.append("\\r");
            break;
        default:
            to_.append("\\u00").push_back(hex[c >> 4]);
            to_.push_back(hex[c & 0xFU]);
            break;
        }
    }
    to_.append(text, done, text.size() - done);
    to_.push_back('"');
}

} // namespace feed::detail
