#include "net/url.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <curl/curl.h>
#include <memory>

namespace rssmania {
namespace {

constexpr std::size_t longest_url = 8192;

// The Fetch standard's list: ports where an HTTP request could be taken for another protocol's words.
constexpr std::array blocked_ports{
    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,    43,   53,
    69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,   119,  123,
    135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,   531,  532,
    540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723,  2049, 3659,
    4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080, 11211};

struct free_url {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using url_handle = std::unique_ptr<CURLU, free_url>;

struct free_text {
    void operator()(char* text) const noexcept { curl_free(text); }
};

url_handle parse(const std::string& url)
{
    url_handle handle(curl_url());
    if (!handle || curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return nullptr;
    return handle;
}

std::string part(const url_handle& url, CURLUPart which, unsigned flags = 0)
{
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK)
        return {};
    const std::unique_ptr<char, free_text> owner(text);
    return text;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view beginning)
{
    return lower(std::string(text.substr(0, beginning.size()))) == beginning;
}

} // namespace

std::string complete_address(std::string_view typed)
{
    if (starts_with_ignoring_case(typed, "feed://"))
        return "http://" + std::string(typed.substr(7));
    if (starts_with_ignoring_case(typed, "feed:"))
        return complete_address(typed.substr(5));
    // A scheme is a letter, then letters, digits and "+-.", up to "://"; `example.org:8080/feed` has none.
    const bool has_scheme = typed.find("://") != std::string_view::npos && typed.find("://") < typed.find('/') + 1;
    return has_scheme ? std::string(typed) : "https://" + std::string(typed);
}

problem why_not_asked(const std::string& url)
{
    const auto bad = [](std::string why) { return problem{problem_kind::bad_address, std::move(why)}; };
    if (url.size() > longest_url)
        return bad("longer than 8192 bytes");
    if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7f; }))
        return bad("blanks or control characters in it");
    const url_handle parsed = parse(url);
    if (!parsed)
        return bad("not a web address");
    const std::string scheme = lower(part(parsed, CURLUPART_SCHEME));
    if (scheme != "http" && scheme != "https")
        return bad(scheme + " is not http or https");
    if (part(parsed, CURLUPART_HOST).empty())
        return bad("no host in it");
    const std::string port = part(parsed, CURLUPART_PORT);
    if (!port.empty()) {
        const int number = std::stoi(port); // curl let digits below 65536 through, nothing else
        if (number == 0 || std::find(blocked_ports.begin(), blocked_ports.end(), number) != blocked_ports.end())
            return bad("port " + port + " is not for the web");
    }
    return {};
}

std::string host_of(const std::string& url)
{
    const url_handle parsed = parse(url);
    if (!parsed)
        return {};
    return lower(part(parsed, CURLUPART_HOST)) + ":" + part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

bool is_this_machine(std::string_view host)
{
    const std::string_view name = host.substr(0, host.rfind(':'));
    return name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || name == "[::1]";
}

std::string without_secrets(const std::string& url)
{
    const url_handle parsed = parse(url);
    if (!parsed || (part(parsed, CURLUPART_USER).empty() && part(parsed, CURLUPART_PASSWORD).empty()))
        return url;
    curl_url_set(parsed.get(), CURLUPART_USER, nullptr, 0);
    curl_url_set(parsed.get(), CURLUPART_PASSWORD, nullptr, 0);
    return part(parsed, CURLUPART_URL);
}

std::string resolve(const std::string& base, const std::string& target)
{
    const url_handle parsed = parse(base);
    // CURLU_URLENCODE: a Location may hold blanks and bytes past ASCII, which browsers encode.
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, target.c_str(),
                                CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE) != CURLUE_OK)
        return {};
    return part(parsed, CURLUPART_URL);
}

} // namespace rssmania
