#include "fetch/transfer.hpp"

#include "guest/freshness.hpp"
#include "net/address.hpp"
#include "net/url.hpp"
#include "version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <sys/socket.h>

namespace rssmania {
namespace {

constexpr std::size_t longest_validator = 1024;

constexpr const char* accept =
    "Accept: application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";

template <class Value>
void set(CURL* easy, CURLoption option, Value value)
{
    if (const CURLcode result = curl_easy_setopt(easy, option, value); result != CURLE_OK)
        throw std::runtime_error(
            fmt::format("set curl's option {}: {}", static_cast<int>(option), curl_easy_strerror(result)));
}

// A validator is opaque: it goes back as it came, byte for byte, or is not kept at all. What could not stand in a
// header line, or is longer than anybody needs, was never meant well.
std::string keepable(std::string validator)
{
    const bool clean =
        std::all_of(validator.begin(), validator.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
    return clean && validator.size() <= longest_validator ? std::move(validator) : std::string();
}

std::string seconds(std::chrono::milliseconds time)
{
    return fmt::format("{}", static_cast<double>(time.count()) / 1e3);
}

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

transfer::transfer(http_request request, const http_options& options) :
    easy_(curl_easy_init()), request_(std::move(request)), options_(options)
{
    if (!easy_)
        throw std::bad_alloc();
    answer_.tag = request_.tag;
    set_up();
}

void transfer::set_up()
{
    CURL* easy = easy_.get();
    set(easy, CURLOPT_USERAGENT, user_agent);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_PROXY, ""); // a proxy from the environment would connect where we would not
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_2TLS});
    set(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br, zstd");
    set(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_.limits.body));
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.limits.connect.count()));

    set(easy, CURLOPT_PRIVATE, this);
    set(easy, CURLOPT_WRITEFUNCTION, &transfer::on_body);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_HEADERFUNCTION, &transfer::on_header);
    set(easy, CURLOPT_HEADERDATA, this);
    set(easy, CURLOPT_XFERINFOFUNCTION, &transfer::on_progress);
    set(easy, CURLOPT_XFERINFODATA, this);
    set(easy, CURLOPT_NOPROGRESS, 0L);
    set(easy, CURLOPT_OPENSOCKETFUNCTION, &transfer::on_socket);
    set(easy, CURLOPT_OPENSOCKETDATA, this);
}

// Validators are for whoever gave them, and for the feed's own address, which may answer with a redirect. Another
// server on the way could know the same ones by chance and mean another body.
void transfer::set_headers_of_hop()
{
    std::unique_ptr<curl_slist, cleanup> list;
    const auto add = [&list](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (!longer)
            throw std::bad_alloc();
        (void)list.release(); // appended to: it is the same list
        list.reset(longer);
    };
    add(accept);
    const std::string& giver = request_.known_from.empty() ? first_url_ : request_.known_from;
    conditional_ = (request_.url == first_url_ || request_.url == giver) && !request_.known.empty();
    if (conditional_ && !request_.known.etag.empty())
        add("If-None-Match: " + request_.known.etag);
    if (conditional_ && !request_.known.last_modified.empty())
        add("If-Modified-Since: " + request_.known.last_modified);
    set(easy_.get(), CURLOPT_HTTPHEADER, list.get());
    headers_ = std::move(list); // the one before goes only now that curl doesn't use it any more
}

void transfer::set_up_hop()
{
    set_headers_of_hop();
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun_);
    const auto left = std::max(options_.limits.total - spent, std::chrono::milliseconds(1));
    set(easy_.get(), CURLOPT_URL, request_.url.c_str());
    set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    answer_.body.clear();
    hop_begun_ = clock::now();
    header_bytes_ = 0;
    header_lines_ = 0;
}

bool transfer::may_start()
{
    first_url_ = request_.url;
    answer_.facts.url = request_.url;
    answer_.wrong = why_not_asked(request_.url);
    if (answer_.wrong)
        return false;
    seen_.insert(request_.url);
    set_up_hop();
    return true;
}

bool transfer::goes_on_after(CURLcode result)
{
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.facts.status = static_cast<int>(status);
    answer_.facts.wishes = wishes_in({.cache_control = header("Cache-Control"),
                                      .expires = header("Expires"),
                                      .date = header("Date"),
                                      .age = header("Age"),
                                      .retry_after = header("Retry-After")},
                                     std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    // A redirect's own body is of no interest, whatever became of it.
    if (is_redirect(answer_.facts.status) && !header("Location").empty() &&
        stopped_.kind != problem_kind::headers_too_large)
        return follow(header("Location"));
    answer_.wrong = why_failed(result);
    if (!answer_.wrong)
        keep_answer();
    if (answer_.wrong)
        answer_.body.clear();
    return false;
}

bool transfer::follow(const std::string& location)
{
    stopped_ = {};
    const std::string next = resolve(request_.url, location);
    if (static_cast<int>(seen_.size()) > options_.limits.redirects)
        fail(problem_kind::too_many_hops, std::to_string(options_.limits.redirects));
    else if (next.empty() || why_not_asked(next) || (request_.url.starts_with("https:") && !next.starts_with("https:")))
        fail(problem_kind::redirect_refused, without_secrets(next.empty() ? location : next));
    else if (!seen_.insert(next).second)
        fail(problem_kind::redirect_circle, without_secrets(next));
    if (answer_.wrong)
        return false;
    // What is permanent behind something temporary is not permanent.
    only_permanent_ = only_permanent_ && (answer_.facts.status == 301 || answer_.facts.status == 308);
    if (only_permanent_)
        answer_.facts.moved_to = next;
    request_.url = next;
    answer_.facts.url = next;
    set_up_hop();
    return true;
}

void transfer::keep_answer()
{
    const int status = answer_.facts.status;
    // "Not modified" is an answer only to those who asked whether it was.
    if (status != 200 && status != 226 && (status != 304 || !conditional_)) {
        fail(problem_kind::http_status, std::to_string(status));
        return;
    }
    answer_.content_type = header("Content-Type");
    answer_.content_encoding = header("Content-Encoding");
    answer_.facts.fresh = {keepable(header("ETag")), keepable(header("Last-Modified"))};
}

std::string transfer::header(const char* name) const
{
    // Of a header that is there several times, curl keeps all; lists are joined, as RFC 9110 5.3 says.
    std::string value;
    curl_header* found = nullptr;
    for (std::size_t i = 0;
         curl_easy_header(easy_.get(), name, i, CURLH_HEADER, -1, &found) == CURLHE_OK && i < found->amount; ++i) {
        if (i > 0)
            value += ", ";
        value += found->value;
    }
    return value;
}

problem transfer::why_failed(CURLcode result) const
{
    if (result == CURLE_OK)
        return {}; // also if one of several addresses was refused on the way
    if (stopped_)
        return stopped_;
    const auto& limits = options_.limits;
    switch (result) {
    case CURLE_FILESIZE_EXCEEDED:
        return {problem_kind::too_large, std::to_string(limits.body)};
    case CURLE_OPERATION_TIMEDOUT: {
        double connected = 0; // zero for as long as there is no connection
        curl_easy_getinfo(easy_.get(), CURLINFO_CONNECT_TIME, &connected);
        if (connected == 0)
            return {problem_kind::unreachable, fmt::format("no connection within {} s", seconds(limits.connect))};
        return {problem_kind::too_slow, seconds(limits.total)};
    }
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2_STREAM:
        return {problem_kind::truncated, {}};
    default:
        return {problem_kind::unreachable, curl_easy_strerror(result)};
    }
}

std::size_t transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept
{
    auto& me = *static_cast<transfer*>(self);
    const std::size_t bytes = size * count;
    if (me.answer_.body.size() + bytes > me.options_.limits.body) {
        me.stopped_ = {problem_kind::too_large, std::to_string(me.options_.limits.body)};
        return 0;
    }
    me.answer_.body.append(data, bytes);
    return bytes;
}

std::size_t transfer::on_header(char*, std::size_t size, std::size_t count, void* self) noexcept
{
    auto& me = *static_cast<transfer*>(self);
    me.header_bytes_ += size * count;
    if (me.header_bytes_ > me.options_.limits.header_bytes || ++me.header_lines_ > me.options_.limits.header_lines) {
        me.stopped_ = {problem_kind::headers_too_large, {}};
        return 0;
    }
    return size * count;
}

int transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept
{
    // curl has limits for connecting and for everything, none for the silence in between.
    auto& me = *static_cast<transfer*>(self);
    if (me.header_bytes_ > 0 || clock::now() - me.hop_begun_ < me.options_.limits.first_byte)
        return 0;
    me.stopped_ = {problem_kind::no_first_byte, seconds(me.options_.limits.first_byte)};
    return 1;
}

curl_socket_t transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& me = *static_cast<transfer*>(self);
    if (!me.options_.allow_local && !is_public(address->addr)) {
        me.stopped_ = {problem_kind::refused_address, to_text(address->addr)};
        return CURL_SOCKET_BAD;
    }
    // A name may have a refused address and then a good one: what counts is the last.
    me.stopped_ = {};
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

} // namespace rssmania
