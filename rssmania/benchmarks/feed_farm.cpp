// feed_farm FEEDS: serves so many feeds of 20 kB on a free port of this machine, fast, and prints the port.
// GET /feed/N is a feed, conditional and compressed as asked; GET /change/P has P % of them publish an article.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <iostream>
#include <map>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>
#include <zlib.h>

namespace {

constexpr int articles = 20;
constexpr std::string_view words[]{"honey",  "wax",   "hive",  "comb",   "nectar", "pollen", "queen", "drone", "smoke",
                                   "clover", "swarm", "brood", "meadow", "linden", "winter", "sugar", "frame", "royal"};

std::string text(unsigned seed, std::size_t size)
{
    std::string result;
    for (unsigned state = seed * 2654435761U + 1; result.size() < size; state = state * 1664525U + 1013904223U) {
        result += words[(state >> 16U) % std::size(words)];
        result += ' ';
        result += std::to_string((state >> 8U) % 997);
        result += ' ';
    }
    return result;
}

std::string feed(int number, int version)
{
    std::string xml = fmt::format("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>"
                                  "<title>Feed {0}</title><link>http://farm.example/{0}</link>"
                                  "<description>What the bees of hive {0} do</description>\n",
                                  number);
    for (int i = version + articles; i > version; --i)
        xml += fmt::format("<item><title>Article {1} of hive {0}</title><link>http://farm.example/{0}/{1}</link>"
                           "<guid isPermaLink=\"false\">farm-{0}-{1}</guid>"
                           "<pubDate>Mon, 06 Jul 2026 {2:02}:{3:02}:00 GMT</pubDate>"
                           "<description>&lt;p&gt;{4}&lt;/p&gt;</description></item>\n",
                           number, i, i / 60 % 24, i % 60, text(static_cast<unsigned>(number * 131 + i), 750));
    return xml + "</channel></rss>\n";
}

std::string gzip(const std::string& plain)
{
    z_stream stream{};
    if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib");
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(plain.data()));
    stream.avail_in = static_cast<unsigned>(plain.size());
    stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
    stream.avail_out = static_cast<unsigned>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

struct page {
    int version = 0;
    std::string plain;
    std::string packed;
};

class farm {
public:
    explicit farm(int feeds) : pages_(static_cast<std::size_t>(feeds))
    {
        for (int i = 0; i < feeds; ++i)
            grow(i);
    }

    MHD_Result answer(MHD_Connection* connection, std::string_view path)
    {
        int number = 0;
        if (path.starts_with("/change/")) {
            std::from_chars(path.data() + 8, path.data() + path.size(), number);
            for (int i = 0; i < static_cast<int>(pages_.size()); ++i) {
                if (i % 100 < number) {
                    ++pages_[static_cast<std::size_t>(i)].version;
                    grow(i);
                }
            }
            return send(connection, 200, "changed\n", {});
        }
        if (!path.starts_with("/feed/"))
            return send(connection, 404, "", {});
        std::from_chars(path.data() + 6, path.data() + path.size(), number);
        const page& what = pages_.at(static_cast<std::size_t>(number) % pages_.size());
        const std::string tag = fmt::format("\"{}-{}\"", number, what.version);
        const char* known = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
        if (known && tag == known)
            return send(connection, 304, "", tag);
        const char* encodings = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Encoding");
        const bool packed = encodings && std::strstr(encodings, "gzip");
        return send(connection, 200, packed ? what.packed : what.plain, tag, packed);
    }

private:
    void grow(int number)
    {
        page& what = pages_[static_cast<std::size_t>(number)];
        what.plain = feed(number, what.version);
        what.packed = gzip(what.plain);
    }

    static MHD_Result send(MHD_Connection* connection, unsigned status, const std::string& body, const std::string& tag,
                           bool packed = false)
    {
        MHD_Response* response =
            MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()), MHD_RESPMEM_MUST_COPY);
        MHD_add_response_header(response, "Content-Type", "application/rss+xml");
        if (!tag.empty())
            MHD_add_response_header(response, "ETag", tag.c_str());
        if (packed)
            MHD_add_response_header(response, "Content-Encoding", "gzip");
        const MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
    }

    std::vector<page> pages_;
};

MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char*, const char*, const char*,
                      std::size_t*, void**)
{
    return static_cast<farm*>(self)->answer(connection, url);
}

} // namespace

int main(int count, char** arguments)
{
    farm all(count > 1 ? std::stoi(arguments[1]) : 1000);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    MHD_Daemon* daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, &on_request, &all, MHD_OPTION_SOCK_ADDR,
                         &address, MHD_OPTION_CONNECTION_LIMIT, 4096U, MHD_OPTION_END);
    if (!daemon)
        return 1;
    std::cout << MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port << std::endl;
    std::array<char, 64> ignored{};
    while (::read(STDIN_FILENO, ignored.data(), ignored.size()) > 0)
        continue; // until whoever started it has gone
    MHD_stop_daemon(daemon);
}
