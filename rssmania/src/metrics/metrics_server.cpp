#include "metrics/metrics_server.hpp"

#include "text/translate.hpp"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>

namespace rssmania {
namespace {

constexpr unsigned most_connections = 16;
constexpr unsigned longest_silence = 10; // seconds

// A name that leads to us though it isn't ours is how a page in a browser reads what is served here.
bool is_our_name(const char* host)
{
    if (!host)
        return false;
    std::string_view name = host;
    name = name.substr(0, name.find(':'));
    return name == "localhost" || name == "127.0.0.1";
}

MHD_Result answer(MHD_Connection* connection, unsigned status, const std::string& body)
{
    MHD_Response* response = MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()),
                                                             MHD_RESPMEM_MUST_COPY); // NOLINT: it only reads
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    const MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

} // namespace

class metrics_server::implementation {
public:
    implementation(std::uint16_t port, std::function<std::string()> text) : text_(std::move(text))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &implementation::on_request,
                                   this, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_LIMIT, most_connections,
                                   MHD_OPTION_CONNECTION_TIMEOUT, longest_silence, MHD_OPTION_END);
        if (!daemon_)
            throw std::runtime_error(
                tr_fill("metrics can't be served on 127.0.0.1:{}: {}", port, std::strerror(errno)));
    }
    ~implementation() { MHD_stop_daemon(daemon_); }
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;

private:
    // The signature is libmicrohttpd's.
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                                 const char* /*version*/, const char* /*upload*/, std::size_t* upload_size,
                                 void** /*state*/)
    {
        *upload_size = 0;
        if (!is_our_name(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST)))
            return answer(connection, MHD_HTTP_MISDIRECTED_REQUEST, "this is localhost\n");
        if (std::strcmp(method, MHD_HTTP_METHOD_GET) != 0)
            return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n");
        if (std::strcmp(url, "/metrics") != 0)
            return answer(connection, MHD_HTTP_NOT_FOUND, "see /metrics\n");
        return answer(connection, MHD_HTTP_OK, static_cast<implementation*>(self)->text_());
    }

    std::function<std::string()> text_;
    MHD_Daemon* daemon_ = nullptr;
};

metrics_server::metrics_server(std::uint16_t port, std::function<std::string()> text) :
    implementation_(std::make_unique<implementation>(port, std::move(text)))
{}

metrics_server::~metrics_server() = default;

} // namespace rssmania
