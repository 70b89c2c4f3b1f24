#include "metrics/observer.hpp"

#include "metrics/metrics_server.hpp"
#include "metrics/prometheus.hpp"
#include "service/manager.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

std::optional<std::uint16_t> port_in(std::string_view text)
{
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size() || port == 0)
        return std::nullopt;
    return port;
}

// Beside it, then in its place: whoever reads the file finds a whole one.
void write_whole(const std::filesystem::path& name, std::string_view text)
{
    const std::string beside = name.string() + ".new";
    {
        const ruche::fd file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            throw ruche::os_error(errno, "write metrics to " + beside);
    }
    std::filesystem::rename(beside, name);
}

std::uint64_t milliseconds_now()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

} // namespace

metrics_target parse_metrics_target(const std::string& text)
{
    if (text.empty())
        return {};
    const std::size_t colon = text.rfind(':');
    if (text.find('/') != std::string::npos || colon == std::string::npos)
        return {.file = text};
    const std::string host = text.substr(0, colon);
    const auto port = port_in(std::string_view(text).substr(colon + 1));
    if (!port)
        throw std::runtime_error(tr_fill("{} is no port for metrics", printable(text)));
    if (!host.empty() && host != "localhost" && host != "127.0.0.1")
        throw std::runtime_error(
            tr_fill("metrics are served on this machine only: localhost:{}, not {}", *port, printable(host)));
    return {.port = *port};
}

class observer::implementation {
public:
    implementation(live_board board, const pipeline_queues& queues, const metrics_target& target) :
        board_(std::move(board)), queues_(queues), target_(target), watchdog_(service::watchdog_interval())
    {
        look();
        if (target_.port != 0)
            server_ = std::make_unique<metrics_server>(target_.port, [this] { return prometheus_text(*board_); });
        thread_ = std::thread([this] { run(); });
    }

    ~implementation()
    {
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;

    void look()
    {
        const std::array sizes{queues_.due_feeds.size(), queues_.answers.size(), queues_.visits.size(),
                               queues_.events.size(), queues_.outcomes.size()};
        for (std::size_t i = 0; i < sizes.size(); ++i)
            board_->waiting.at(i).store(sizes.at(i), std::memory_order_relaxed);
        if (!target_.file.empty())
            write_whole(target_.file, prometheus_text(*board_));
    }

private:
    void run()
    {
        const auto pace = watchdog_ ? std::min<std::chrono::milliseconds>(1s, *watchdog_ / 3) : 1s;
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, pace, [this] { return ending_; })) {
            lock.unlock();
            look_and_complain();
            // The manager hears from us only as long as the main loop turns.
            if (watchdog_ && milliseconds_now() - board_->beat.load(std::memory_order_relaxed) <
                                 static_cast<std::uint64_t>(watchdog_->count()))
                service::tell_alive();
            lock.lock();
        }
    }

    // A full disk or a directory that has gone is told once, and the watcher goes on.
    void look_and_complain()
    {
        try {
            look();
            complained_ = false;
        } catch (const std::exception& error) {
            if (!complained_)
                std::cerr << std::string("rssmania: ") + error.what() + '\n';
            complained_ = true;
        }
    }

    live_board board_;
    pipeline_queues queues_;
    metrics_target target_;
    std::optional<std::chrono::milliseconds> watchdog_;
    std::unique_ptr<metrics_server> server_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;     // guarded by mutex_
    bool complained_ = false; // the thread's
    std::thread thread_;
};

observer::observer(live_board board, const pipeline_queues& queues, const metrics_target& target) :
    implementation_(std::make_unique<implementation>(std::move(board), queues, target))
{}

observer::~observer() = default;

void observer::look() { implementation_->look(); }

} // namespace rssmania
