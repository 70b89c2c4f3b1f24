#pragma once

#include "pipeline/messages.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace rssmania {

/// Numbers about a watcher that works, counted from its start. They lie in the file `live` beside the database, mapped
/// by all its processes and by whoever looks at it: `top`, `status`, the metrics. None belongs to another, so all are
/// written and read relaxed.
struct live_numbers {
    using number = std::atomic<std::uint64_t>;

    /// Upper bounds of the classes of latencies, in milliseconds; beyond the last there is one more class.
    static constexpr std::array<std::uint64_t, 11> latency_bounds{10,   25,   50,    100,   250,  500,
                                                                  1000, 2500, 10000, 30000, 60000};
    static constexpr std::size_t most_problem_kinds = 32;
    static constexpr std::size_t queues = 5; ///< due, answers, visits, news, outcomes

    number layout{0};  ///< which version of this structure it is
    number process{0}; ///< of the watcher; 0 once it has ended
    number started{0}; ///< milliseconds since 1970
    number beat{0};    ///< when its main loop last said that it lives, likewise
    number feeds{0};   ///< that it watches

    std::array<number, 4> polls{};                     ///< by `visit_result`
    std::array<number, most_problem_kinds> problems{}; ///< by `problem_kind`
    number bytes{0};                                   ///< of answers, as they were sent
    std::array<number, latency_bounds.size() + 1> latencies{};
    number latency_sum{0}; ///< milliseconds
    number commits{0};
    number commit_time{0}; ///< microseconds, in sum
    number articles{0};    ///< new
    number updates{0};     ///< of articles
    number told{0};        ///< articles that were printed
    number hooks_run{0};
    number hooks_failed{0};
    number restarts{0};                   ///< of stages
    std::array<number, queues> waiting{}; ///< items in each queue
};

/// Access to them.
///
/// Throws: `ruche::os_error` by `make` and `join`.
class live_board {
public:
    /// A new board in `directory`, all numbers zero, for the watcher that begins to work there.
    [[nodiscard]] static live_board make(const std::filesystem::path& directory);
    /// The board there, for the watcher's other processes; without one (in a test of a stage alone), one of its own.
    [[nodiscard]] static live_board join(const std::filesystem::path& directory);
    /// The same, to look at; nothing if no watcher of this version works there.
    [[nodiscard]] static std::optional<live_board> look(const std::filesystem::path& directory);

    [[nodiscard]] live_numbers* operator->() const noexcept { return numbers_.get(); }
    [[nodiscard]] live_numbers& operator*() const noexcept { return *numbers_; }

    /// Counts how a visit went.
    void count(const visited& visit) const;

private:
    explicit live_board(std::shared_ptr<live_numbers> numbers) : numbers_(std::move(numbers)) {}

    std::shared_ptr<live_numbers> numbers_;
};

/// Whether the process of that number is there.
[[nodiscard]] bool is_running(std::uint64_t process);

} // namespace rssmania
