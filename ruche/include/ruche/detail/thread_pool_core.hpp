#pragma once

#include <ruche/detail/future_core.hpp>
#include <ruche/detail/pool_core.hpp>
#include <ruche/stop.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>

namespace ruche::detail {

/// A task of a pool of threads. `run` may be called again for a retry; `deliver` puts what the last one gave into the
/// future.
class local_task {
public:
    virtual ~local_task() = default;
    /// Returns what was thrown, or null.
    [[nodiscard]] virtual std::exception_ptr run(const stop_token& stop) noexcept = 0;
    virtual void deliver() = 0;
    [[nodiscard]] virtual future_core& future() noexcept = 0;
    bool takes_stop_token = false;
};

struct thread_pool_settings {
    std::uint32_t workers = 0;
    std::string name;
    std::function<void()> set_up, tear_down;
    std::uint64_t tasks_per_worker = 0;
    std::chrono::nanoseconds idle_time{};
    bool pin = false;
    std::uint64_t seed = 0;
    bool trace = false;
};

class thread_pool_core;

[[nodiscard]] std::shared_ptr<thread_pool_core> make_pool(thread_pool_settings settings);
[[nodiscard]] std::shared_ptr<debtor> debtor_of(const std::shared_ptr<thread_pool_core>& pool);
void submit(thread_pool_core& pool, task_options&& options, std::unique_ptr<local_task> task,
            std::optional<std::uint32_t> worker);
[[nodiscard]] std::uint32_t size(thread_pool_core& pool);
void resize(thread_pool_core& pool, std::uint32_t workers);
void close(thread_pool_core& pool);
void shut_down(thread_pool_core& pool, bool wait);
[[nodiscard]] pool_status status(thread_pool_core& pool);
void write_trace(thread_pool_core& pool, std::ostream& out);

} // namespace ruche::detail
