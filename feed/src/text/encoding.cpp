#include "text/encoding.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <uchardet/uchardet.h>

#include <memory>
#include <vector>

namespace feed::detail {

namespace {

using namespace std::string_view_literals;

struct signature {
    std::string_view bytes;
    std::string_view encoding;
    bool mark; // a byte order mark, no part of the text
};

// XML, appendix F: byte order marks, then `<?xm` as the families of encodings write it. The longer marks come first.
constexpr signature signatures[] = {
    {"\x00\x00\xFE\xFF"sv, "utf-32be", true}, {"\xFF\xFE\x00\x00"sv, "utf-32le", true},
    {"\xFE\xFF"sv, "utf-16be", true},         {"\xFF\xFE"sv, "utf-16le", true},
    {"\xEF\xBB\xBF"sv, "utf-8", true},        {"\x4C\x6F\xA7\x94"sv, "cp037", false},
    {"\x00<\x00?"sv, "utf-16be", false},      {"<\x00?\x00"sv, "utf-16le", false},
    {"\x00\x00\x00<"sv, "utf-32be", false},   {"<\x00\x00\x00"sv, "utf-32le", false},
    {"\x00<\x00r"sv, "utf-16be", false},      {"<\x00r\x00"sv, "utf-16le", false},
    {"\x00<\x00"sv, "utf-16be", false},       {"<\x00"sv, "utf-16le", false},
    {"\x00{\x00"sv, "utf-16be", false},       {"{\x00"sv, "utf-16le", false},
};

const signature* find_signature(std::string_view bytes)
{
    for (const signature& candidate : signatures)
        if (bytes.substr(0, candidate.bytes.size()) == candidate.bytes)
            return &candidate;
    return nullptr;
}

// The encoding that the declaration at the start of `text` names, in lower case.
std::string declared_encoding(std::string_view text)
{
    text = text.substr(0, 1024);
    if (text.substr(0, 2) != "<?")
        return {};
    const std::string_view declaration = text.substr(0, std::min(text.find("?>"), text.size()));
    std::size_t at = declaration.find("encoding");
    if (at == std::string_view::npos)
        return {};
    std::string_view value = trim_front(declaration.substr(at + 8));
    if (value.empty() || value.front() != '=')
        return {};
    value = trim_front(value.substr(1));
    if (value.empty() || (value.front() != '"' && value.front() != '\''))
        return {};
    const std::size_t end = value.find(value.front(), 1);
    return end == std::string_view::npos ? std::string() : lower(trim(value.substr(1, end - 1)));
}

// gb18030 has all of gb2312, and what calls itself the one is often the other.
std::string widen(std::string name) { return lower(name) == "gb2312" ? "gb18030" : name; }

// A name for what a detector of letters said, as it has been written since the first of them.
std::string detected_name(std::string_view name)
{
    if (name == "BIG5")
        return "Big5";
    if (name == "GB18030")
        return "GB2312";
    return std::string(name);
}

struct close_detector {
    void operator()(uchardet_t detector) const noexcept { uchardet_delete(detector); }
};

std::string detect(std::string_view bytes)
{
    const std::unique_ptr<std::remove_pointer_t<uchardet_t>, close_detector> detector(uchardet_new());
    constexpr std::size_t enough = 64 * 1024;
    if (uchardet_handle_data(detector.get(), bytes.data(), std::min(bytes.size(), enough)) != 0)
        return {};
    uchardet_data_end(detector.get());
    return detected_name(uchardet_get_charset(detector.get()));
}

class decoder {
public:
    decoder(std::string_view bytes, const encoding_hints& hints) : bytes_(bytes), hints_(hints) {}

    decoding run()
    {
        look();
        if (plain_utf8())
            return std::move(result_);
        // UTF-16 and the like pass for UTF-8 with many NULs; what the first bytes say goes before.
        const auto said = charset::find(wanted_);
        const bool wide = !mark_.empty() && mark_ != "utf-8" && (!said || said->is_ascii_compatible());
        for (const std::string& name : {wide ? mark_ : std::string(), wanted_, xml_, mark_, http_})
            if (try_exactly(name))
                return std::move(result_);
        if (mostly_utf8())
            return std::move(result_);
        const std::string guess = detect(bytes_);
        for (const std::string& name :
             {guess, std::string("utf-8"), std::string("windows-1252"), std::string("iso-8859-2")})
            if (try_exactly(name))
                return std::move(result_);
        give_up();
        return std::move(result_);
    }

private:
    void look()
    {
        if (const signature* found = find_signature(bytes_)) {
            mark_ = found->encoding;
            if (found->mark) {
                result_.skip = found->bytes.size();
                bytes_.remove_prefix(result_.skip);
            }
        }
        std::string start(bytes_.substr(0, 4096));
        if (!mark_.empty() && mark_ != "utf-8")
            start = charset::find(mark_)->decode(start).text;
        xml_ = widen(declared_encoding(start));
        if (!mark_.empty() && is_family_name(xml_))
            xml_ = mark_;
        choose();
    }

    // Names that say "two bytes" or "four bytes" but not in which order.
    static bool is_family_name(std::string_view name)
    {
        for (const std::string_view family :
             {"u16"sv, "utf-16"sv, "utf16"sv, "utf_16"sv, "u32"sv, "utf-32"sv, "utf32"sv, "utf_32"sv,
              "iso-10646-ucs-2"sv, "iso-10646-ucs-4"sv, "csucs4"sv, "csunicode"sv, "ucs-2"sv, "ucs-4"sv})
            if (name == family)
                return true;
        return false;
    }

    // RFC 3023 said that text/xml without charset is ASCII; the name of what it says is still reported, but a document
    // that is not ASCII is read as what it declares (RFC 7303).
    void choose()
    {
        const media_type type = split_media_type(hints_.content_type);
        http_ = widen(type.charset);
        const bool text = type.type.substr(0, 5) == "text/";
        if (is_xml_media_type(type.type) && !text)
            wanted_ = !http_.empty() ? http_ : !xml_.empty() ? xml_ : "utf-8";
        else if (text)
            wanted_ = !http_.empty() ? http_ : is_ascii(bytes_) ? "us-ascii" : !xml_.empty() ? xml_ : "utf-8";
        else if (hints_.over_http && type.type.empty())
            wanted_ = !xml_.empty() ? xml_ : "iso-8859-1";
        else
            wanted_ = !xml_.empty() ? xml_ : "utf-8";
        // Where nothing else is said, the first bytes have said it.
        if (!mark_.empty() && xml_.empty() && http_.empty())
            wanted_ = mark_;
    }

    // The short way that nearly all documents go: they are UTF-8 (or ASCII, which is that), whatever they say.
    bool plain_utf8()
    {
        const auto said = charset::find(wanted_);
        if (!mark_.empty() && mark_ != "utf-8")
            return false;
        if (!is_valid_utf8(bytes_))
            return false;
        const bool ascii = is_ascii(bytes_);
        if (ascii && said && said->is_ascii_compatible() && !is_escaped(wanted_)) {
            result_.name = wanted_;
        } else if (ascii && said) {
            return false;
        } else {
            result_.name = "utf-8";
            // Who says latin-1 and writes UTF-8 is so common that it is no fault any more.
            const std::string folded = lower(wanted_);
            const bool common = folded == "iso-8859-1" || folded == "windows-1252";
            if (!said || (!said->is_utf8() && !common))
                override_with("utf-8");
            else if (common)
                result_.declared = wanted_;
            else
                result_.name = wanted_;
        }
        result_.unchanged = true;
        return true;
    }

    // Encodings that write other letters with the bytes of ASCII.
    static bool is_escaped(std::string_view name)
    {
        const std::string folded = lower(name);
        return folded.find("2022") != std::string::npos || folded.substr(0, 2) == "hz";
    }

    bool try_exactly(const std::string& name)
    {
        if (name.empty())
            return false;
        const auto candidate = charset::find(name);
        if (!candidate)
            return false;
        charset::result attempt = candidate->decode(bytes_);
        if (attempt.bad != 0)
            return false;
        accept(std::move(attempt), name);
        return true;
    }

    void accept(charset::result attempt, const std::string& name)
    {
        result_.text = std::move(attempt.text);
        result_.bad = attempt.bad;
        result_.name = name;
        if (name != wanted_)
            override_with(name);
    }

    void override_with(std::string_view name)
    {
        result_.name = name;
        result_.problem = decoding::trouble::overridden;
        result_.declared = wanted_;
    }

    // Damaged UTF-8: where nearly all is valid, the rest is damage. A tenth of the sequences bad is another encoding.
    bool mostly_utf8()
    {
        if (!mark_.empty() && mark_ != "utf-8")
            return false;
        const utf8_survey survey = survey_utf8(bytes_);
        if (survey.sequences < survey.bad * 8)
            return false;
        result_.text = repair_utf8(bytes_);
        result_.name = "utf-8";
        result_.bad = survey.bad;
        result_.problem = decoding::trouble::repaired;
        return true;
    }

    void give_up()
    {
        for (const std::string& name : {mark_, xml_, http_, std::string("windows-1252")}) {
            const auto candidate = name.empty() ? std::nullopt : charset::find(name);
            if (!candidate || candidate->is_ascii())
                continue;
            accept(candidate->decode(bytes_), name);
            if (!is_valid_utf8(result_.text))
                result_.text = repair_utf8(result_.text);
            result_.problem = mark_.empty() && xml_.empty() ? decoding::trouble::unknown : decoding::trouble::repaired;
            return;
        }
    }

    std::string_view bytes_;
    encoding_hints hints_;
    std::string mark_;   // what the first bytes say
    std::string xml_;    // what the declaration says
    std::string http_;   // what the header says
    std::string wanted_; // what these come to by the standards
    decoding result_;
};

} // namespace

decoding decode_document(std::string_view bytes, const encoding_hints& hints) { return decoder(bytes, hints).run(); }

media_type split_media_type(std::string_view header)
{
    media_type result;
    const std::size_t end = std::min(header.find(';'), header.size());
    result.type = lower(trim(header.substr(0, end)));
    std::string_view rest = header.substr(end);
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t next = std::min(rest.find(';'), rest.size());
        const std::string_view parameter = rest.substr(0, next);
        const std::size_t equals = parameter.find('=');
        if (equals != std::string_view::npos && equal_ignoring_case(trim(parameter.substr(0, equals)), "charset")) {
            for (const char c : trim(parameter.substr(equals + 1)))
                if (c != '"' && c != '\'')
                    result.charset.push_back(c);
        }
        rest.remove_prefix(next);
    }
    return result;
}

bool is_xml_media_type(std::string_view type) noexcept
{
    const auto ends_with = [&](std::string_view tail) {
        return type.size() >= tail.size() && type.substr(type.size() - tail.size()) == tail;
    };
    return type == "application/xml" || type == "application/xml-dtd" ||
           type == "application/xml-external-parsed-entity" || type == "text/xml" ||
           type == "text/xml-external-parsed-entity" ||
           ((type.substr(0, 12) == "application/" || type.substr(0, 5) == "text/") && ends_with("+xml"));
}

} // namespace feed::detail
