#include <ruche/log.hpp>

#include "describe.hpp"
#include "log_line.hpp"
#include "os/poll.hpp"
#include "os/signals.hpp"
#include "os/socket.hpp"

#include <ruche/deadline.hpp>
#include <ruche/this_process.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace ruche {

log_line& log_line::instance()
{
    static auto* one = new log_line; // never destroyed: static objects may log as they go
    return *one;
}

std::shared_ptr<const fd> log_line::current()
{
    const std::scoped_lock lock(mutex_);
    return socket_;
}

void log_line::lead_to(std::shared_ptr<const fd> socket)
{
    const std::scoped_lock lock(mutex_);
    if (socket_)
        throw std::logic_error("a second ruche::log::receiver in one process");
    socket_ = std::move(socket);
}

void log_line::leave(const std::shared_ptr<const fd>& expected)
{
    const std::scoped_lock lock(mutex_);
    if (socket_ == expected)
        socket_ = nullptr;
}

namespace log {

namespace {

constexpr std::size_t most_text = 60'000;
constexpr std::string_view cut_mark = "… (cut)";

std::atomic<level> least{level::info}; // of the process: the one thing here that is global

/// The first bytes of a record on its way; the name and the text follow.
struct record_header {
    enum class kind : std::uint32_t { text, flush, end };

    kind what = kind::text;
    log::level level = level::info;
    std::int32_t process = 0;
    std::uint32_t name_bytes = 0;
    std::int64_t time = 0;   ///< nanoseconds since 1970
    std::uint64_t token = 0; ///< of a receiver that asks itself to flush or to end
};

bool send(int socket, const record_header& header, std::string_view name = {}, std::string_view text = {})
{
    const auto bytes = [](std::string_view of) { return std::as_bytes(std::span(of.data(), of.size())); };
    const std::array parts{os::as_part(header), bytes(name), bytes(text)};
    return os::send_message(socket, parts) == os::transfer::done;
}

/// What has come from a process, which may be damaged: nothing is read beyond its end.
record read_record(const record_header& header, std::span<const std::byte> rest)
{
    const std::string_view words(reinterpret_cast<const char*>(rest.data()), rest.size());
    const std::size_t name = std::min<std::size_t>(header.name_bytes, words.size());
    return {std::min(header.level, level::off), header.process,
            std::chrono::system_clock::time_point(
                std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(header.time))),
            std::string(words.substr(0, name)), std::string(words.substr(name))};
}

} // namespace

std::string_view name_of(level one) noexcept
{
    constexpr std::array<std::string_view, 5> names{"debug", "info", "warning", "error", "off"};
    return names[std::min(static_cast<std::size_t>(one), names.size() - 1)];
}

std::string to_line(const record& one)
{
    return "[" + std::string(name_of(one.level)) + " " + one.name + " " + std::to_string(one.process) + "] " + one.text;
}

void set_level(level to) noexcept { least.store(to, std::memory_order_relaxed); } // it orders nothing
level current_level() noexcept { return least.load(std::memory_order_relaxed); }

void write(level one, std::string_view text)
{
    if (!is_on(one))
        return;
    record made{one, this_process::id(), std::chrono::system_clock::now(), this_process::name(),
                std::string(text.substr(0, most_text))};
    if (text.size() > most_text)
        made.text += cut_mark;
    if (const auto socket = log_line::instance().current()) {
        record_header header;
        header.level = one;
        header.process = made.process;
        header.name_bytes = static_cast<std::uint32_t>(made.name.size());
        header.time = std::chrono::nanoseconds(made.time.time_since_epoch()).count();
        if (send(socket->get(), header, made.name, made.text))
            return;
        log_line::instance().leave(socket); // the receiver has gone
    }
    os::say(to_line(made) + "\n");
}

struct receiver::state {
    std::function<void(const record&)> sink;
    fd ours;
    std::shared_ptr<const fd> theirs;
    std::atomic<std::uint64_t> flushed{0};
    std::atomic<std::uint64_t> asked{0};
    std::thread thread;

    void run();
    void run_out();
    [[nodiscard]] bool take(const os::received_message& message);
    void deliver(const record& one);
};

void receiver::state::deliver(const record& one)
{
    try {
        sink(one);
    } catch (...) {
        os::say("ruche: the sink of the log threw " + describe_exception(std::current_exception()) +
                " for: " + to_line(one) + "\n");
    }
}

/// Returns false at the end.
bool receiver::state::take(const os::received_message& message)
{
    record_header header;
    if (message.bytes.size() < sizeof header)
        return true;
    std::memcpy(&header, message.bytes.data(), sizeof header);
    if (header.what == record_header::kind::text) {
        deliver(read_record(header, std::span<const std::byte>(message.bytes).subspan(sizeof header)));
        return true;
    }
    if (header.token != reinterpret_cast<std::uintptr_t>(this))
        return true; // only a receiver itself may say these
    if (header.what == record_header::kind::end)
        return false;
    flushed.fetch_add(1);
    flushed.notify_all();
    return true;
}

void receiver::state::run()
{
    os::received_message message;
    while (os::receive_message(ours.get(), message) == os::transfer::done && take(message)) {
    }
}

// What others said behind the end; whoever speaks later learns that nobody listens.
void receiver::state::run_out()
{
    os::stop_receiving(ours.get());
    os::received_message message;
    while (os::receive_message(ours.get(), message, deadline(std::chrono::nanoseconds(0))) == os::transfer::done)
        (void)take(message);
}

receiver::receiver(std::function<void(const record&)> sink) : state_(std::make_unique<state>())
{
    auto [ours, theirs] = os::message_socket_pair();
    state_->sink = std::move(sink);
    state_->ours = std::move(ours);
    state_->theirs = std::make_shared<const fd>(std::move(theirs));
    log_line::instance().lead_to(state_->theirs);
    const os::blocked_signals quiet; // the thread inherits the mask
    try {
        state_->thread = std::thread([one = state_.get()] { one->run(); });
    } catch (...) {
        log_line::instance().leave(state_->theirs);
        throw;
    }
}

void receiver::flush()
{
    const std::uint64_t mine = state_->asked.fetch_add(1) + 1;
    record_header header;
    header.what = record_header::kind::flush;
    header.token = reinterpret_cast<std::uintptr_t>(state_.get());
    if (!send(state_->theirs->get(), header))
        return;
    for (auto done = state_->flushed.load(); done < mine; done = state_->flushed.load())
        state_->flushed.wait(done);
}

receiver::~receiver()
{
    log_line::instance().leave(state_->theirs);
    record_header header;
    header.what = record_header::kind::end;
    header.token = reinterpret_cast<std::uintptr_t>(state_.get());
    send(state_->theirs->get(), header);
    state_->thread.join();
    state_->run_out();
}

} // namespace log

} // namespace ruche
