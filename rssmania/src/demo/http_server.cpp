#include "demo/http_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <condition_variable>
#include <cstring>
#include <microhttpd.h>
#include <mutex>
#include <netinet/in.h>
#include <stdexcept>

namespace rssmania {
namespace {

// Ends the waits of all connections at once.
class interruptible_pause {
public:
    // Returns whether it lasted as long as it should.
    bool sleep(std::chrono::milliseconds time)
    {
        std::unique_lock lock(mutex_);
        return !over_.wait_for(lock, time, [this] { return ended_; });
    }

    void end()
    {
        const std::scoped_lock lock(mutex_);
        ended_ = true;
        over_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool ended_ = false; // guarded by mutex_
};

// One body on its way out.
struct sending {
    server_reply reply;
    interruptible_pause& pause;
    bool begun = false;

    static ssize_t next_piece(void* self, std::uint64_t position, char* out, std::size_t room)
    {
        auto& me = *static_cast<sending*>(self);
        const std::string& body = me.reply.body;
        const std::uint64_t whole = body.size() * me.reply.repeat;
        if (position >= whole)
            return me.reply.missing > 0 ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
        if (me.begun && me.reply.pause.count() > 0 && !me.pause.sleep(me.reply.pause))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        me.begun = true;
        const std::size_t offset = position % body.size();
        const std::size_t size = std::min({room, me.reply.piece, body.size() - offset});
        std::memcpy(out, body.data() + offset, size);
        return static_cast<ssize_t>(size);
    }

    static void finished(void* self) { delete static_cast<sending*>(self); } // made for libmicrohttpd in `response_for`
};

MHD_Result add_header(void* into, MHD_ValueKind, const char* name, const char* value)
{
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    (*static_cast<std::map<std::string, std::string>*>(into))[lower] = value ? value : "";
    return MHD_YES;
}

} // namespace

std::string seen_request::header(const std::string& name) const
{
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

class http_server::implementation {
public:
    implementation(std::uint16_t port, handler handle) : handle_(std::move(handle))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        daemon_ = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, nullptr, nullptr,
                                   &implementation::on_request, this, MHD_OPTION_SOCK_ADDR, &address,
                                   MHD_OPTION_CONNECTION_MEMORY_LIMIT, std::size_t{1} << 20U,
                                   MHD_OPTION_END); // room for absurd headers
        if (!daemon_)
            throw std::runtime_error(fmt::format("serve on 127.0.0.1:{}: {}", port, std::strerror(errno)));
        port_ = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT)->port;
    }

    ~implementation()
    {
        pause_.end();
        MHD_stop_daemon(daemon_);
    }

    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                                 const char*, const char*, std::size_t* upload_size, void** state)
    {
        auto& me = *static_cast<implementation*>(self);
        if (!*state) { // the first call comes before the request's body: the answer waits for the last
            *state = &me;
            return MHD_YES;
        }
        if (*upload_size > 0) {
            *upload_size = 0;
            return MHD_YES;
        }
        seen_request request{.method = method, .path = url, .headers = {}};
        MHD_get_connection_values(connection, MHD_HEADER_KIND, &add_header, &request.headers);
        return me.answer(connection, request);
    }

    MHD_Result answer(MHD_Connection* connection, const seen_request& request)
    {
        server_reply reply = handle_(request);
        if (reply.silence.count() > 0 && !pause_.sleep(reply.silence))
            return MHD_NO;
        const auto status = static_cast<unsigned>(reply.status);
        MHD_Response* response = response_for(std::move(reply));
        const MHD_Result result = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return result;
    }

    MHD_Response* response_for(server_reply reply)
    {
        const auto headers = reply.headers;
        const std::uint64_t size = reply.body.size() * reply.repeat + reply.missing;
        auto* body = new sending{std::move(reply), pause_};
        MHD_Response* response =
            MHD_create_response_from_callback(size, 64U << 10U, &sending::next_piece, body, &sending::finished);
        if (!response) {
            delete body;
            throw std::bad_alloc();
        }
        for (const auto& [name, value] : headers)
            MHD_add_response_header(response, name.c_str(), value.c_str());
        return response;
    }

    handler handle_;
    interruptible_pause pause_;
    MHD_Daemon* daemon_ = nullptr;
    std::uint16_t port_ = 0;
};

http_server::http_server(std::uint16_t port, handler handle) :
    implementation_(std::make_unique<implementation>(port, std::move(handle)))
{}

http_server::~http_server() = default;
std::uint16_t http_server::port() const noexcept { return implementation_->port(); }

std::string http_server::address(const std::string& path) const
{
    return fmt::format("http://127.0.0.1:{}{}", port(), path);
}

} // namespace rssmania
