#include "text/encoding.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>

#include <algorithm>
#include <iterator>
#include <memory>

// Tables instead of ICU's converters for encodings of one byte per character: ICU lacks a fifth of them, and a table is
// several times as fast. Those of several bytes are ICU's: its data lies in its library, so that a sandbox without
// files has them, which the modules of the C library's iconv don't.
namespace feed::detail {

namespace {

struct labelled_charset {
    std::string_view label;
    int number;
};

#include "text/charset_tables.inc"

// Letters and digits of a label; empty for what no label of an encoding looks like.
std::string fold_label(std::string_view label)
{
    constexpr std::size_t longest = 64;
    constexpr std::string_view punctuation = "-_.:() ";
    std::string folded;
    if (label.size() > longest)
        return folded;
    for (const char c : label) {
        if (is_alnum(c))
            folded.push_back(to_lower(c));
        else if (punctuation.find(c) == std::string_view::npos)
            return {};
    }
    return folded;
}

constexpr int utf8_number = -1;
constexpr int ascii_number = -2;

charset::result decode_table(const char16_t (&table)[256], std::string_view bytes)
{
    charset::result result;
    result.text.reserve(bytes.size() + bytes.size() / 4);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        const char16_t character = table[byte];
        if (character != 0 && character < 0x80) {
            result.text.push_back(static_cast<char>(character));
        } else if (character != 0 || byte == 0) {
            append_utf8(result.text, character);
        } else {
            ++result.bad;
            append_utf8(result.text, replacement_character);
        }
    }
    return result;
}

charset::result decode_ascii(std::string_view bytes)
{
    charset::result result;
    for (const char c : bytes) {
        if (is_high(c)) {
            ++result.bad;
            append_utf8(result.text, replacement_character);
        } else {
            result.text.push_back(c);
        }
    }
    return result;
}

// UTF-16 and UTF-32 are few lines, and their damaged forms (odd length, lone surrogates) stay under our control.
template <unsigned Width, bool Big>
charset::result decode_wide(std::string_view bytes)
{
    charset::result result;
    result.text.reserve(bytes.size());
    const auto unit = [&](std::size_t at) {
        char32_t value = 0;
        for (unsigned i = 0; i < Width; ++i)
            value |= static_cast<char32_t>(static_cast<unsigned char>(bytes[at + i]))
                     << (8U * (Big ? Width - 1U - i : i));
        return value;
    };
    std::size_t at = 0;
    for (; at + Width <= bytes.size(); at += Width) {
        char32_t value = unit(at);
        if (Width == 2 && value >= 0xD800 && value < 0xDC00 && at + 2 * Width <= bytes.size()) {
            const char32_t low = unit(at + Width);
            if (low >= 0xDC00 && low < 0xE000) {
                value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
                at += Width;
            }
        }
        if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
            ++result.bad;
        append_utf8(result.text, value);
    }
    result.bad += at != bytes.size() ? 1U : 0U;
    return result;
}

struct close_converter {
    void operator()(UConverter* converter) const noexcept { ucnv_close(converter); }
};

// ICU calls it for each place that is no character; the default would stop counting and only substitute.
void U_CALLCONV count_bad(const void* context, UConverterToUnicodeArgs* arguments, const char*, std::int32_t,
                          UConverterCallbackReason reason, UErrorCode* status)
{
    if (reason > UCNV_IRREGULAR)
        return;
    ++*const_cast<std::size_t*>(static_cast<const std::size_t*>(context)); // NOLINT: ICU hands it back as const
    *status = U_ZERO_ERROR;
    const UChar replacement = 0xFFFD;
    ucnv_cbToUWriteUChars(arguments, &replacement, 1, 0, status);
}

charset::result decode_icu(const char* name, std::string_view bytes)
{
    charset::result result;
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<UConverter, close_converter> converter(ucnv_open(name, &status));
    if (U_FAILURE(status)) {
        result.bad = bytes.size() + 1;
        return result;
    }
    ucnv_setToUCallBack(converter.get(), count_bad, &result.bad, nullptr, nullptr, &status);
    UChar units[4096];
    const char* from = bytes.data();
    const char* const end = from + bytes.size();
    char32_t high = 0;
    do {
        UChar* to = units;
        status = U_ZERO_ERROR;
        ucnv_toUnicode(converter.get(), &to, std::end(units), &from, end, nullptr, 1, &status);
        for (const UChar* at = units; at != to; ++at) {
            if (*at >= 0xD800 && *at < 0xDC00) {
                high = *at;
            } else if (*at >= 0xDC00 && *at < 0xE000 && high != 0) {
                append_utf8(result.text, 0x10000 + ((high - 0xD800) << 10) + (*at - 0xDC00U));
                high = 0;
            } else {
                append_utf8(result.text, *at);
            }
        }
    } while (status == U_BUFFER_OVERFLOW_ERROR);
    return result;
}

} // namespace

std::optional<charset> charset::find(std::string_view label)
{
    const std::string folded = fold_label(trim(label));
    const auto found = std::lower_bound(std::begin(labels), std::end(labels), folded,
                                        [](const labelled_charset& a, const std::string& b) { return a.label < b; });
    if (found == std::end(labels) || found->label != folded)
        return std::nullopt;
    return charset(found->number);
}

bool charset::is_utf8() const noexcept { return number_ == utf8_number; }
bool charset::is_ascii() const noexcept { return number_ == ascii_number; }

bool charset::is_ascii_compatible() const noexcept
{
    if (number_ >= 0)
        return single_byte_tables[number_][unsigned{'<'}] == u'<';
    return std::string_view(converters[-1 - number_]).substr(0, 4) != "UTF-" || is_utf8();
}

charset::result charset::decode(std::string_view bytes) const
{
    if (number_ >= 0)
        return decode_table(single_byte_tables[number_], bytes);
    if (is_utf8()) {
        const utf8_survey survey = survey_utf8(bytes);
        return {survey.valid ? std::string(bytes) : repair_utf8(bytes), survey.bad};
    }
    if (is_ascii())
        return decode_ascii(bytes);
    const std::string_view name = converters[-1 - number_];
    if (name == "UTF-16BE")
        return decode_wide<2, true>(bytes);
    if (name == "UTF-16LE")
        return decode_wide<2, false>(bytes);
    if (name == "UTF-32BE")
        return decode_wide<4, true>(bytes);
    if (name == "UTF-32LE")
        return decode_wide<4, false>(bytes);
    return decode_icu(name.data(), bytes);
}

} // namespace feed::detail
