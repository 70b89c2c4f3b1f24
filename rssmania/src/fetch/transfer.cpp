#include "fetch/transfer.hpp"

#include "guest/freshness.hpp"
#include "net/address.hpp"
#include "net/url.hpp"
#include "version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <sstream>
#include <stdexcept>
#include <sys/socket.h>
#include <utility>

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

// Whether `list`, names by blanks, has the host of `url`, with any port or with this one.
bool names_host_of(const std::string& list, const std::string& url)
{
    if (list.empty())
        return false;
    const std::string with_port = host_of(url);
    const std::string name = with_port.substr(0, with_port.rfind(':'));
    std::istringstream words(list);
    for (std::string word; words >> word;) {
        if (word == name || word == with_port)
            return true;
    }
    return false;
}

bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

transfer::transfer(http_request request, const http_options& options, memory_budget& memory) :
    easy_(curl_easy_init()), request_(std::move(request)), options_(options), memory_(memory)
{
    if (!easy_)
        throw std::bad_alloc();
    answer_.tag = request_.tag;
    set_up();
}

transfer::~transfer()
{
    if (!handed_over_)
        give_back_memory();
}

void transfer::give_back_memory()
{
    (void)memory_.give_back(request_.tag, answer_.body.size()); // the client looks for who waits before it goes on
    answer_.body = {};
}

http_answer transfer::answer()
{
    handed_over_ = true;
    answer_.held = answer_.body.size(); // whoever has it gives that back
    answer_.facts.bytes = answer_.body.size();
    answer_.facts.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun_);
    return std::exchange(answer_, {});
}

void transfer::go_on()
{
    paused_ = false;
    curl_easy_pause(easy_.get(), CURLPAUSE_CONT); // may call on_body, and pause again
}

void transfer::set_up()
{
    CURL* easy = easy_.get();
    set(easy, CURLOPT_USERAGENT,
        !request_.how.user_agent.empty() ? request_.how.user_agent.c_str()
        : !options_.user_agent.empty()   ? options_.user_agent.c_str()
                                         : user_agent);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_PROXY, request_.how.proxy.c_str()); // none, if empty: not that of the environment either
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
    asked_for_delta_ = options_.deltas && conditional_ && !request_.known.etag.empty();
    if (asked_for_delta_)
        add("A-IM: feed");
    if (conditional_ && !request_.known.last_modified.empty())
        add("If-Modified-Since: " + request_.known.last_modified);
    set(easy_.get(), CURLOPT_HTTPHEADER, list.get());
    headers_ = std::move(list); // the one before goes only now that curl doesn't use it any more
}

void transfer::set_up_hop()
{
    set_headers_of_hop();
    set_up_access();
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun_);
    const auto left = std::max(options_.limits.total - spent, std::chrono::milliseconds(1));
    set(easy_.get(), CURLOPT_URL, request_.url.c_str());
    set(easy_.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
    give_back_memory();
    hop_begun_ = clock::now();
    window_begun_ = hop_begun_;
    window_from_ = 0;
    header_bytes_ = 0;
    header_lines_ = 0;
}

// The password is for the server that it was given for, and for nobody to whom that one may send us.
void transfer::set_up_access()
{
    const bool ours = !request_.how.user.empty() && host_of(request_.url) == host_of(first_url_) &&
                      request_.url.starts_with("https:") == first_url_.starts_with("https:");
    set(easy_.get(), CURLOPT_HTTPAUTH, long{CURLAUTH_BASIC});
    set(easy_.get(), CURLOPT_USERNAME, ours ? request_.how.user.c_str() : nullptr);
    set(easy_.get(), CURLOPT_PASSWORD, ours ? request_.how.password.c_str() : nullptr);
}

bool transfer::may_be_local() const
{
    return options_.allow_local || names_host_of(request_.how.hosts_allowed, request_.url);
}

bool transfer::may_start()
{
    first_url_ = request_.url;
    answer_.facts.url = request_.url;
    answer_.wrong = why_not_asked(request_.url);
    if (!answer_.wrong)
        answer_.wrong = why_not_by_proxy(request_.url);
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
    if (header("Vary").find('*') != std::string::npos)
        answer_.facts.wishes.fresh_for.reset(); // never the answer to another request (RFC 9111, 4.1)
    answer_.wrong = why_failed(result);
    answer_.no_name = result == CURLE_COULDNT_RESOLVE_HOST;
    answer_.no_connection = result == CURLE_COULDNT_CONNECT;
    if (!answer_.wrong)
        keep_answer();
    if (answer_.wrong)
        give_back_memory();
    return false;
}

bool transfer::follow(const std::string& location)
{
    stopped_ = {};
    const std::string next = resolve(request_.url, location);
    if (static_cast<int>(seen_.size()) > options_.limits.redirects)
        fail(problem_kind::too_many_hops, std::to_string(options_.limits.redirects));
    else if (next.empty() || why_not_asked(next) || why_not_by_proxy(next) ||
             (request_.url.starts_with("https:") && !next.starts_with("https:")))
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
    if (status != 200 && (status != 226 || !asked_for_delta_) && (status != 304 || !conditional_)) {
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

// A proxy connects where we can't look: what names this machine or a private address outright is refused here.
problem transfer::why_not_by_proxy(const std::string& url) const
{
    if (request_.how.proxy.empty() || options_.allow_local || names_host_of(request_.how.hosts_allowed, url))
        return {};
    const std::string host = host_of(url);
    if (is_this_machine(host) || is_private_literal(host))
        return {problem_kind::refused_address, host};
    return {};
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
    if (!me.memory_.take(me.request_.tag, me.answer_.body.size(), bytes)) {
        me.paused_ = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    try {
        me.answer_.body.append(data, bytes);
    } catch (const std::bad_alloc&) {
        me.stopped_ = {problem_kind::too_large, std::to_string(me.options_.limits.body)};
        return 0;
    }
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
    if (me.header_bytes_ > 0) {
        if (!me.is_too_slow())
            return 0;
        me.stopped_ = {problem_kind::too_slow, seconds(me.options_.limits.slow_window)};
        return 1;
    }
    if (clock::now() - me.hop_begun_ < me.options_.limits.first_byte)
        return 0;
    me.stopped_ = {problem_kind::no_first_byte, seconds(me.options_.limits.first_byte)};
    return 1;
}

// Fewer bytes than anybody needs a connection for. What we don't take ourselves is not the server's fault.
bool transfer::is_too_slow()
{
    const auto now = clock::now();
    if (now - window_begun_ < options_.limits.slow_window)
        return false;
    const std::size_t before = std::exchange(window_from_, answer_.body.size() + header_bytes_);
    window_begun_ = now;
    return !paused_ && window_from_ - before < options_.limits.least_bytes;
}

curl_socket_t transfer::on_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept
{
    auto& me = *static_cast<transfer*>(self);
    // The user has named the proxy, and where that connects to is its own affair.
    if (me.request_.how.proxy.empty() && !me.may_be_local() && !is_public(address->addr)) {
        me.stopped_ = {problem_kind::refused_address, to_text(address->addr)};
        return CURL_SOCKET_BAD;
    }
    // A name may have a refused address and then a good one: what counts is the last.
    me.stopped_ = {};
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

} // namespace rssmania
