// Any bytes in any encoding that they may claim to be in give valid UTF-8. The first byte chooses the encoding.
#include "check.hpp"

#include <feed/feed.hpp>

namespace {

constexpr std::string_view labels[] = {"utf-8",
                                       "utf-16",
                                       "utf-16be",
                                       "utf-16le",
                                       "utf-32",
                                       "us-ascii",
                                       "iso-8859-1",
                                       "iso-8859-2",
                                       "iso-8859-8",
                                       "windows-1251",
                                       "windows-1252",
                                       "koi8-r",
                                       "macintosh",
                                       "ibm866",
                                       "gbk",
                                       "gb18030",
                                       "big5",
                                       "big5-hkscs",
                                       "euc-jp",
                                       "iso-2022-jp",
                                       "shift_jis",
                                       "euc-kr",
                                       "iso-2022-kr",
                                       "hz-gb-2312",
                                       "johab",
                                       "cp037",
                                       "utf-7",
                                       "x-user-defined",
                                       "no such thing",
                                       "../../etc/passwd",
                                       "utf-8//TRANSLIT",
                                       ""};

// Whether every byte of `text` belongs to a character.
bool is_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0;
        if (length == 0 || at + length > text.size())
            return false;
        for (std::size_t i = 1; i < length; ++i)
            if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80)
                return false;
        at += length;
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string type = "text/xml; charset=" + std::string(labels[data[0] % (sizeof labels / sizeof labels[0])]);
    const std::string_view bytes = as_text(data + 1, size - 1);
    const std::string json = feed::to_json(feed::parse(bytes, {.content_type = type, .over_http = true}));
    promise(is_utf8(json), "what comes out is UTF-8");
    // The same as a declaration within.
    const std::string declared = "<?xml version='1.0' encoding='" + type.substr(18) + "'?><rss><channel><title>" +
                                 std::string(bytes) + "</title></channel></rss>";
    promise(is_utf8(feed::to_json(feed::parse(std::string_view(declared)))), "what comes out is UTF-8");
    return 0;
}
