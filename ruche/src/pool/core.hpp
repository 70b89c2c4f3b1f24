#pragma once

#include "control_page.hpp"
#include "os/readiness.hpp"
#include "pool/line.hpp"
#include "pool/machine.hpp"
#include "pool/messages.hpp"
#include "pool/outcome.hpp"
#include "pool/record.hpp"
#include "pool/worker.hpp"
#include "service.hpp"
#include "waiter.hpp"

#include <ruche/detail/pool_core.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ruche::detail {

/// A pool of processes: the machine decides, this carries out.
///
/// One lock guards everything. Whoever waits for a future of an otherwise quiet pool reads the workers' lines itself
/// (it leads); when there is more to do than one waits for (tasks are queued, callbacks were added), the service thread
/// does. Before either sleeps it arms the lines of those it expects something of, and looks once more. Outcomes are put
/// into futures after the lock is released. Workers are ended and buried by whoever looks, nobody else.
///
/// `core.cpp` is what users do, and waiting; `crew.cpp` what is done with workers; `hearing.cpp` what they say.
class pool_core final : public debtor, public std::enable_shared_from_this<pool_core> {
public:
    explicit pool_core(pool_settings settings);
    ~pool_core() override;

    void submit(task_request&& request);
    [[nodiscard]] std::uint32_t size();
    void resize(std::uint32_t workers);
    void close();
    void shut_down(bool wait);
    [[nodiscard]] pool_status status();
    void write_trace(std::ostream& out);

    void wait(future_core& core, const wait_bounds& bounds) override;
    void watch(future_core& core) override;
    void cancel(future_core& core) override;
    void drop(future_core& core) noexcept override;
    [[nodiscard]] std::string name() const override { return pooling::task_of(settings_.name); }

private:
    using lock = std::unique_lock<std::mutex>;
    using moment = pooling::moment;

    /// A task that has not ended.
    struct job {
        std::shared_ptr<future_core> future;
        std::string name;
        std::uint32_t code = 0;
        std::vector<std::byte> arguments;
        std::vector<std::shared_ptr<const fd>> descriptors;
        std::unique_ptr<batch> calls;
        std::vector<call_outcome> outcomes; ///< of several calls
        std::vector<std::uint32_t> to_do;   ///< which calls have no outcome yet
        std::size_t arrived = 0;            ///< how many have, since it was sent
        std::chrono::nanoseconds took{};
        std::uint64_t stream = 0;
        task_options options;
        bool takes_stop_token = false;
        std::uint64_t sequence = 0; ///< in its worker's hands
    };

    /// A worker that is there, or being started.
    struct slot {
        process running;
        std::shared_ptr<control_page> page;
        std::unique_ptr<pooling::worker_line> line;
        bool ready = false;
        std::exception_ptr set_up_error;
        bool leaves = false;
        bool line_ended = false;
        std::uint64_t next_sequence = 1;
        std::uint32_t codes_told = 0;
        std::deque<std::pair<std::uint64_t, pooling::task_id>> sent; ///< by their sequence; not answered yet
        std::vector<std::byte> out;                                  ///< what could not be sent yet
        std::vector<std::byte> in;
        std::size_t in_begin = 0;
        pooling::task_id held_for = pooling::no_task; ///< it is to end for this one
        std::uint64_t begun_when_held = 0;
        deadline::clock::time_point since{};
        bool dirty = false; ///< is in `dirty_`

        /// Whether it may have something to say; what an idle worker says can wait.
        [[nodiscard]] bool expects_news() const noexcept { return page && (!sent.empty() || !ready) && !line_ended; }
    };

    struct finished_future {
        std::shared_ptr<future_core> future;
        std::variant<std::monostate, answer, std::exception_ptr, batch_outcome> outcome;
        bool threw = false;
    };

    [[nodiscard]] static moment now() noexcept { return deadline::clock::now().time_since_epoch(); }
    [[nodiscard]] job& job_of(pooling::task_id id) noexcept { return jobs_[static_cast<std::uint32_t>(id) - 1]; }
    [[nodiscard]] std::uint32_t code_number(const task_request& request);

    void carry_out();
    void carry_out_actions();
    void carry_out(const pooling::action& what);
    void start(pooling::worker_id number);
    void note_failed_start(pooling::worker_id number, std::exception_ptr why);
    [[nodiscard]] pooling::worker_start words_for(pooling::worker_id number, pooling::line_end line) const;
    [[nodiscard]] bool assign(slot& to, pooling::task_id id);
    [[nodiscard]] static bool send_descriptors(slot& to, const job& of);
    [[nodiscard]] static pooling::request_header header_of(const job& what, std::size_t bytes, std::size_t calls);
    void write_call(slot& to, const job& what);
    void write_calls(slot& to, job& what);
    void append(slot& to, const pooling::request_header& header, std::span<const std::byte> payload);
    void flush(slot& to);
    [[nodiscard]] bool revoke(slot& from, pooling::task_id id);
    [[nodiscard]] bool end(slot& which, pooling::task_id because);
    void settle(pooling::task_id id, pooling::ending how);
    template <class Outcome>
    void finish(std::shared_ptr<future_core>&& future, Outcome&& outcome, bool threw = false)
    {
        auto& one = finished_.emplace_back();
        one.future = std::move(future);
        one.outcome = std::forward<Outcome>(outcome);
        one.threw = threw;
    }
    void deliver(job& of, std::vector<std::byte>&& bytes, std::vector<fd>&& descriptors, bool threw);

    void turn(std::span<const std::uint64_t> ready);
    void look_at(std::uint64_t key);
    void read(pooling::worker_id number);
    void hear_news();
    void take_results(pooling::worker_id number);
    void take_result(pooling::worker_id number, const pooling::result_header& header,
                     std::span<const std::byte> payload);
    void take_outcome(pooling::worker_id number, pooling::task_id id, const pooling::result_header& header,
                      std::span<const std::byte> payload);
    [[nodiscard]] bool is_fit_for_retry(const job& what, const pooling::result_header& header,
                                        std::span<const std::byte> payload);
    void bury(pooling::worker_id number);
    [[nodiscard]] pooling::task_id begun_by(const slot& dead) const;
    [[nodiscard]] pooling::task_id take_death_of_call(const slot& dead, pooling::task_id begun,
                                                      const exit_status& status);

    [[nodiscard]] bool somebody_sleeps() const noexcept { return served_ || leader_sleeps_until_; }
    [[nodiscard]] bool arm_lines();
    void disarm_lines();
    [[nodiscard]] bool spin(lock& held);
    void give_out(lock& held);
    [[nodiscard]] bool needs_service() const noexcept;
    void arrange_service();
    void serve();
    template <class Done>
    void lead(Done done, const deadline& until, lock& held);

    pool_settings settings_; ///< constant
    std::uint64_t signal_mask_;
    os::readiness_set lines_;
    fd kick_; ///< wakes whoever leads

    std::mutex mutex_; ///< guards what follows
    pooling::machine machine_;
    std::vector<job> jobs_;
    std::vector<slot> slots_;
    std::vector<pooling::worker_id> dirty_; ///< those who have something in `out` that was not tried to be sent
    std::vector<code_reference> codes_;
    std::map<std::pair<task_function, const void*>, std::uint32_t> code_numbers_;
    std::pair<std::pair<task_function, const void*>, std::uint32_t> last_code_{};
    std::vector<finished_future> finished_;
    std::vector<exit_status> obituary_; ///< of the worker whose end is being told; else empty
    std::exception_ptr start_error_;
    std::uint64_t streams_ = 0;
    std::size_t sleepers_ = 0; ///< threads that wait for a future that somebody else will settle
    bool leader_ = false;
    std::optional<deadline::clock::time_point> leader_sleeps_until_;
    std::condition_variable led_; ///< the leader has left
    bool watched_ = false;        ///< a callback waits for some future
    bool served_ = false;         ///< the service thread looks at the lines
    service::ticket ticket_ = 0;
    service::ticket timer_ = 0;
    moment timer_at_ = pooling::never;
    pooling::record record_;
    spin_budget spin_;
};

// Keys of the set of lines; those of workers follow.
inline constexpr std::uint64_t kick_key = 0;
inline constexpr std::uint64_t stop_key = 1;
constexpr std::uint64_t line_key(pooling::worker_id number) { return 2 + 2 * std::uint64_t{number}; }
constexpr std::uint64_t end_key(pooling::worker_id number) { return 3 + 2 * std::uint64_t{number}; }

} // namespace ruche::detail
