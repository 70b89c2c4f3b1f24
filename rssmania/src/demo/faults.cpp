#include "demo/sample_site.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <string_view>
#include <zlib.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

constexpr const char* rss_type = "application/rss+xml";

std::string small_feed(std::string_view title, const std::string& site)
{
    return fmt::format("<rss version=\"2.0\"><channel><title>{0}</title><link>{1}/</link>"
                       "<item><title>One</title><link>{1}/articles/{0}/1</link></item></channel></rss>",
                       title, site);
}

std::string gzip(const std::string& text)
{
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string compressed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())); // read only, says zlib's manual
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<unsigned char*>(compressed.data());
    stream.avail_out = static_cast<uInt>(compressed.size());
    const int result = deflate(&stream, Z_FINISH);
    compressed.resize(stream.total_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        throw std::logic_error("gzip: the bound was too small");
    return compressed;
}

// Small on the wire, 200 MB behind it. Made once: that takes a moment.
const std::string& bomb()
{
    static const std::string small = gzip(std::string(200U << 20U, ' '));
    return small;
}

server_reply feed_reply(const std::string& body) { return {.headers = {{"Content-Type", rss_type}}, .body = body}; }

server_reply redirect(int status, const std::string& location)
{
    return {.status = status, .headers = {{"Location", location}}, .body = "moved"};
}

// The number at the end of `path`, 0 if there is none.
int number_in(std::string_view path)
{
    int number = 0;
    const auto digits = path.substr(path.rfind('/') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

server_reply hops(const seen_request& request, const std::string& site)
{
    const int left = number_in(request.path);
    return redirect(302, left > 0 ? fmt::format("/faults/hops/{}", left - 1) : site + "/faults/plain");
}

server_reply too_many_headers()
{
    server_reply reply = feed_reply("<rss/>");
    for (int i = 0; i < 200; ++i)
        reply.headers.emplace_back(fmt::format("X-Header-{}", i), std::string(500, 'x'));
    return reply;
}

server_reply escape_codes(const std::string& site)
{
    return feed_reply(
        fmt::format("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"\\u001b[31mred\\u0007\","
                    "\"items\":[{{\"id\":\"1\",\"url\":\"{}/\\u001b]0;owned\\u0007\"}}]}}",
                    site));
}

struct fault {
    const char* path; // the beginning of the address
    const char* example;
    std::function<server_reply(const seen_request&, const std::string& site)> reply;
};

const std::vector<fault>& faults()
{
    using request = const seen_request&;
    using site = const std::string&;
    static const std::vector<fault> all{
        {"/faults/plain", "", [](request, site at) { return feed_reply(small_feed("plain", at)); }},
        {"/faults/status/", "404",
         [](request r, site) { return server_reply{.status = number_in(r.path), .body = "no"}; }},
        {"/faults/page", "",
         [](request, site) {
             return server_reply{.headers = {{"Content-Type", "text/html"}},
                                 .body =
                                     "<!DOCTYPE html><html><head><title>Hello</title></head><body>Hi</body></html>"};
         }},
        {"/faults/empty", "", [](request, site) { return feed_reply(""); }},
        {"/faults/gzip", "",
         [](request, site at) {
             server_reply reply = feed_reply(gzip(small_feed("gzip", at)));
             reply.headers.emplace_back("Content-Encoding", "gzip");
             return reply;
         }},
        {"/faults/bomb", "",
         [](request, site) {
             server_reply reply = feed_reply(bomb());
             reply.headers.emplace_back("Content-Encoding", "gzip");
             return reply;
         }},
        {"/faults/hops/", "3", hops},
        {"/faults/circle", "", [](request, site) { return redirect(301, "/faults/circle2"); }},
        {"/faults/circle2", "", [](request, site) { return redirect(301, "/faults/circle"); }},
        {"/faults/to-file", "", [](request, site) { return redirect(302, "file:///etc/passwd"); }},
        {"/faults/silent", "",
         [](request, site at) {
             server_reply reply = feed_reply(small_feed("silent", at));
             reply.silence = 1h;
             return reply;
         }},
        {"/faults/drip", "",
         [](request, site at) {
             server_reply reply = feed_reply(small_feed("drip", at));
             reply.piece = 1;
             reply.pause = 1s;
             return reply;
         }},
        {"/faults/huge", "",
         [](request, site) {
             server_reply reply = feed_reply(std::string(1U << 20U, ' '));
             reply.repeat = 100'000;
             return reply;
         }},
        {"/faults/truncated", "",
         [](request, site at) {
             server_reply reply = feed_reply(small_feed("truncated", at));
             reply.missing = 1000;
             return reply;
         }},
        {"/faults/headers", "", [](request, site) { return too_many_headers(); }},
        {"/faults/escape", "", [](request, site at) { return escape_codes(at); }},
    };
    return all;
}

} // namespace

server_reply fault_reply(const seen_request& request, const std::string& site)
{
    for (const fault& each : faults()) {
        const std::string_view path = each.path;
        if (path.ends_with('/') ? request.path.starts_with(path) : request.path == path)
            return each.reply(request, site);
    }
    return {.status = 404, .body = "no such fault"};
}

std::vector<std::string> fault_paths()
{
    std::vector<std::string> paths;
    for (const fault& each : faults())
        paths.push_back(std::string(each.path) + each.example);
    return paths;
}

} // namespace rssmania
