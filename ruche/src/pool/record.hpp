#pragma once

#include "time_split.hpp"

#include <ruche/detail/pool_core.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <iosfwd>
#include <string>
#include <vector>

namespace ruche::pooling {

/// The times in a status.
void tell_time(pool_status::worker& of, const time_split& time);

/// What has happened in a pool, for `status` and `trace`.
class record {
public:
    using time = std::chrono::steady_clock::time_point;

    /// With `traced`, the last hundred thousand tasks are kept, else only the slowest.
    void keep_trace(bool traced) noexcept { traced_ = traced; }
    void worker_started(std::uint32_t worker, int process, time at);
    void worker_ended(std::uint32_t worker, bool died);
    void task_finished(std::uint32_t worker, const std::string& name, time began, std::chrono::nanoseconds took);

    /// The parts of a status that are history, save for the workers' times.
    void fill(pool_status& status) const;
    /// In the format that Chrome and Perfetto read.
    void write(std::ostream& out) const;

private:
    struct worker {
        int process = 0; ///< 0: not there
        time since{};
        std::uint64_t tasks = 0;
    };
    struct span {
        std::string name;
        std::uint32_t worker = 0;
        int process = 0;
        time began{};
        std::chrono::nanoseconds took{};
    };

    bool traced_ = false;
    std::vector<worker> workers_;
    std::vector<pool_status::finished_task> slowest_; ///< the slowest first
    std::deque<span> spans_;
    std::uint64_t finished_ = 0;
    std::uint64_t replaced_ = 0;
};

} // namespace ruche::pooling
