#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

/// One log for a whole family of processes.
///
///     ruche::log::info("fetched ", address, " in ", milliseconds, " ms");
///
/// In any process of the program; by default the line goes to standard error at once, in one piece:
///
///     [info fetcher 4711] fetched https://example.org/ in 31 ms
///
/// With a `receiver` in the program, records of all processes that are started from then on arrive there instead, in
/// one order for the whole family: what happened before (in one process, or before a message that another then took) is
/// logged before. A record is on its way when the call returns, so a process that is killed loses nothing it had
/// logged.
///
/// The parts are written with `operator<<`, and only if the level is on: what is off costs one load.
/// Thread safety: everything here may be called from any thread.
/// Across processes: the level and the receiver are handed down at each start. A process in a sandbox writes to its
/// standard error.
namespace ruche::log {

enum class level : std::uint32_t { debug, info, warning, error, off };

/// "debug", "info", "warning", "error", "off".
[[nodiscard]] std::string_view name_of(level one) noexcept;

/// What was logged, where and when.
struct record {
    log::level level = level::info;
    int process = 0;
    std::chrono::system_clock::time_point time;
    std::string name; ///< of the process, as `this_process::name`
    std::string text;
};

/// "[info fetcher 4711] text".
[[nodiscard]] std::string to_line(const record& one);

/// From now on records below `least` are not made, in this process and those that it starts. `info` at first.
void set_level(level least) noexcept;
[[nodiscard]] level current_level() noexcept;
[[nodiscard]] inline bool is_on(level one) noexcept { return one >= current_level() && one != level::off; }

/// Logs `text` as it is. At most 60,000 bytes; what is more is cut, and marked so.
/// Blocks: while the receiver is far behind (the way to it holds about a hundred kilobytes).
void write(level one, std::string_view text);

template <class... Parts>
void write_parts(level one, const Parts&... parts)
{
    if (!is_on(one))
        return;
    std::ostringstream text;
    (text << ... << parts);
    write(one, text.str());
}

template <class... Parts>
void debug(const Parts&... parts)
{
    write_parts(level::debug, parts...);
}
template <class... Parts>
void info(const Parts&... parts)
{
    write_parts(level::info, parts...);
}
template <class... Parts>
void warning(const Parts&... parts)
{
    write_parts(level::warning, parts...);
}
template <class... Parts>
void error(const Parts&... parts)
{
    write_parts(level::error, parts...);
}

/// Takes the records of this process and those it starts, for as long as it lives.
///
///     ruche::log::receiver to_file([&file](const ruche::log::record& one) { file << to_line(one) << '\n'; });
///
/// `sink` is called for one record at a time, in their order, on a thread that belongs to the receiver and has all
/// signals blocked. What it throws is said on standard error, with the record's line. (`ruche/spdlog.hpp` makes a sink
/// of a spdlog logger.)
///
/// Destruction delivers what had been logged before it; what comes later goes to standard error again. There is one at
/// a time: a second throws `std::logic_error`.
class [[nodiscard]] receiver {
public:
    explicit receiver(std::function<void(const record&)> sink);
    receiver(const receiver&) = delete;
    receiver& operator=(const receiver&) = delete;
    ~receiver();

    /// Waits until everything that was logged before the call has been delivered.
    void flush();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace ruche::log
