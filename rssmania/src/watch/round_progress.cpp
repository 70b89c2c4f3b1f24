#include "watch/round_progress.hpp"

#include "text/translate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <numeric>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

void write_to_terminal(std::string_view text)
{
    // A bar that isn't seen is no error worth ending for.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

std::size_t terminal_width()
{
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

std::string progress_line(std::uint64_t done, std::uint64_t all, std::size_t width)
{
    done = std::min(done, all);
    const std::string words =
        fmt::format(" {:3} %  {}", all == 0 ? 100 : done * 100 / all, tr_fill("{} of {}", done, all));
    const std::size_t room = width > words.size() + 8 ? std::min<std::size_t>(width - words.size() - 3, 40) : 0;
    if (room == 0)
        return words;
    const std::size_t filled = all == 0 ? room : static_cast<std::size_t>(done * room / all);
    return "[" + std::string(filled, '#') + std::string(room - filled, '-') + "]" + words;
}

class round_progress::implementation {
public:
    explicit implementation(live_board board) : board_(std::move(board)), thread_([this] { run(); }) {}
    ~implementation()
    {
        {
            const std::scoped_lock lock(mutex_);
            ending_ = true;
        }
        changed_.notify_all();
        thread_.join();
        write_to_terminal("\r\x1b[K");
    }
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;

    void clear()
    {
        const std::scoped_lock lock(mutex_);
        if (std::exchange(shown_, false))
            write_to_terminal("\r\x1b[K");
    }

private:
    void run()
    {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, 200ms, [this] { return ending_; })) {
            std::uint64_t done = 0;
            for (const auto& each : board_->polls)
                done += each.load(std::memory_order_relaxed);
            write_to_terminal("\r" + progress_line(done, board_->feeds, terminal_width() - 1) + "\x1b[K");
            shown_ = true;
        }
    }

    live_board board_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false; // guarded by mutex_
    bool shown_ = false;  // guarded by mutex_
    std::thread thread_;
};

round_progress::round_progress(live_board board) : implementation_(std::make_unique<implementation>(std::move(board)))
{}
round_progress::~round_progress() = default;
void round_progress::clear() { implementation_->clear(); }

bool round_progress::can_be_shown()
{
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && terminal && std::string_view(terminal) != "dumb";
}

} // namespace rssmania
