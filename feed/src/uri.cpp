#include "uri.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace feed {

namespace detail {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

constexpr bool is_scheme_character(char c) noexcept { return is_alnum(c) || c == '+' || c == '-' || c == '.'; }

std::size_t scheme_length(std::string_view uri) noexcept
{
    if (uri.empty() || !is_alpha(uri.front()))
        return 0;
    std::size_t length = 1;
    while (length < uri.size() && is_scheme_character(uri[length]))
        ++length;
    return length < uri.size() && uri[length] == ':' ? length : 0;
}

// What browsers do first: no controls or blanks around it, no line ends or tabs within.
std::string clean(std::string_view uri)
{
    const auto outer = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!uri.empty() && outer(uri.front()))
        uri.remove_prefix(1);
    while (!uri.empty() && outer(uri.back()))
        uri.remove_suffix(1);
    std::string result;
    result.reserve(uri.size());
    std::copy_if(uri.begin(), uri.end(), std::back_inserter(result),
                 [](char c) { return c != '\n' && c != '\r' && c != '\t'; });
    return result;
}

// Schemes whose addresses have the form of a path, so that one can be relative to another.
bool is_hierarchical(std::string_view scheme) noexcept
{
    static constexpr std::string_view known[] = {"",     "ftp",   "http",    "gopher", "nntp",     "imap", "wais",
                                                 "file", "https", "shttp",   "mms",    "prospero", "rtsp", "rtspu",
                                                 "sftp", "svn",   "svn+ssh", "ws",     "wss",      "feed"};
    return std::any_of(std::begin(known), std::end(known),
                       [&](auto each) { return equal_ignoring_case(each, scheme); });
}

// Takes `.` and `..` out of a path. Linear: each segment is put on the stack once and taken off at most once.
std::string normalise_path(std::string_view path)
{
    const bool absolute = !path.empty() && path.front() == '/';
    std::vector<std::string_view> segments;
    bool directory = false;
    std::size_t at = absolute ? 1 : 0;
    while (at <= path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        directory = segment == "." || segment == "..";
        if (segment == "..") {
            if (!segments.empty())
                segments.pop_back();
        } else if (segment != ".") {
            segments.push_back(segment);
        }
        at = end + 1;
    }
    std::string result = absolute ? "/" : "";
    for (std::size_t i = 0; i < segments.size(); ++i) {
        result.append(i == 0 ? "" : "/");
        result.append(segments[i]);
    }
    if (directory && !segments.empty())
        result.push_back('/');
    return result;
}

std::string merge_paths(const uri_parts& base, std::string_view path)
{
    if (!path.empty() && path.front() == '/')
        return normalise_path(path);
    if (base.has_authority && base.path.empty())
        return normalise_path(std::string("/").append(path));
    const std::size_t slash = base.path.rfind('/');
    return normalise_path(std::string(base.path.substr(0, slash == nowhere ? 0 : slash + 1)).append(path));
}

std::string compose(std::string_view scheme, const uri_parts& with_authority, std::string_view path,
                    const uri_parts& tail)
{
    std::string result;
    if (!scheme.empty())
        result.append(scheme).push_back(':');
    if (with_authority.has_authority)
        result.append("//").append(with_authority.authority);
    result.append(path);
    if (tail.has_query)
        result.append("?").append(tail.query);
    if (tail.has_fragment)
        result.append("#").append(tail.fragment);
    return result;
}

// `http:////host`: the surplus slashes that some write are no empty host.
void drop_surplus_slashes(std::string& uri)
{
    const std::size_t length = scheme_length(uri);
    if (length == 0 || uri.compare(length, 3, "://") != 0)
        return;
    const std::size_t end = uri.find_first_not_of('/', length + 3);
    uri.erase(length + 3, (end == std::string::npos ? uri.size() : end) - (length + 3));
}

} // namespace

uri_parts split_uri(std::string_view uri) noexcept
{
    uri_parts parts;
    if (const std::size_t length = scheme_length(uri); length != 0) {
        parts.scheme = uri.substr(0, length);
        uri.remove_prefix(length + 1);
    }
    if (const std::size_t mark = uri.find('#'); mark != nowhere) {
        parts.has_fragment = true;
        parts.fragment = uri.substr(mark + 1);
        uri = uri.substr(0, mark);
    }
    if (const std::size_t mark = uri.find('?'); mark != nowhere) {
        parts.has_query = true;
        parts.query = uri.substr(mark + 1);
        uri = uri.substr(0, mark);
    }
    if (uri.substr(0, 2) == "//") {
        parts.has_authority = true;
        const std::size_t end = std::min(uri.find('/', 2), uri.size());
        parts.authority = uri.substr(2, end - 2);
        uri.remove_prefix(end);
    }
    parts.path = uri;
    return parts;
}

bool is_plainly_absolute(std::string_view uri) noexcept
{
    std::size_t start = 0;
    if (uri.substr(0, 7) == "http://")
        start = 7;
    else if (uri.substr(0, 8) == "https://")
        start = 8;
    if (start == 0 || start >= uri.size() || uri[start] == '/')
        return false;
    for (const char c : uri)
        if (static_cast<unsigned char>(c) <= ' ')
            return false;
    return uri.find("/.") == nowhere && uri.back() != '#' && uri.back() != '?';
}

bool is_script_uri(std::string_view uri) noexcept
{
    // Browsers pass over controls and blanks before a scheme and over line ends and tabs within it.
    char scheme[12] = {};
    std::size_t length = 0;
    for (const char c : uri) {
        if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) == 0x7F)
            continue;
        if (c == ':') {
            const std::string_view found(scheme, length);
            return found == "javascript" || found == "vbscript" || found == "data" || found == "livescript" ||
                   found == "mocha" || found == "jar" || found == "blob";
        }
        if (length == sizeof scheme || !is_scheme_character(c))
            return false;
        scheme[length++] = to_lower(c);
    }
    return false;
}

} // namespace detail

std::string resolve_uri(std::string_view base, std::string_view reference)
{
    using namespace detail;
    std::string uri = clean(reference);
    drop_surplus_slashes(uri);
    if (base.empty())
        return uri;
    if (uri.empty())
        return std::string(base);
    const uri_parts from = split_uri(base);
    const uri_parts to = split_uri(uri);
    const bool other_scheme = !to.scheme.empty() && !equal_ignoring_case(to.scheme, from.scheme);
    if (other_scheme || !is_hierarchical(to.scheme.empty() ? from.scheme : to.scheme))
        return uri;
    if (to.has_authority) {
        std::string absolute = to.scheme.empty() ? std::string(from.scheme) + ":" + uri : uri;
        drop_surplus_slashes(absolute);
        return absolute;
    }
    if (to.path.empty()) {
        uri_parts tail = to;
        if (!to.has_query) {
            tail.has_query = from.has_query;
            tail.query = from.query;
        }
        return compose(from.scheme, from, from.path, tail);
    }
    return compose(from.scheme, from, merge_paths(from, to.path), to);
}

bool is_safe_uri(std::string_view uri) noexcept
{
    using namespace detail;
    static constexpr std::string_view allowed[] = {
        "acct",  "aim",    "bitcoin", "callto", "cvs",    "dat",  "facetime", "feed",   "file", "ftp",     "geo",
        "git",   "gopher", "gtalk",   "h323",   "hdl",    "http", "https",    "imap",   "ipfs", "irc",     "irc6",
        "ircs",  "itms",   "magnet",  "mailto", "matrix", "mms",  "msnim",    "news",   "nntp", "podcast", "prospero",
        "rsync", "rtsp",   "rtspu",   "sftp",   "shttp",  "sip",  "sips",     "skype",  "sms",  "smb",     "snews",
        "ssh",   "svn",    "svn+ssh", "tel",    "telnet", "urn",  "wais",     "webcal", "xmpp", "ymsg"};
    while (!uri.empty() && static_cast<unsigned char>(uri.front()) <= ' ')
        uri.remove_prefix(1);
    if (is_script_uri(uri))
        return false;
    const std::string_view scheme = split_uri(uri).scheme;
    if (scheme.empty())
        return true;
    return std::any_of(std::begin(allowed), std::end(allowed),
                       [&](auto each) { return equal_ignoring_case(each, scheme); });
}

} // namespace feed
