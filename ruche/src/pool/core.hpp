#pragma once

#include "control_page.hpp"
#include "os/byte_line.hpp"
#include "os/readiness.hpp"
#include "pool/machine.hpp"
#include "pool/messages.hpp"
#include "pool/record.hpp"
#include "pool/worker.hpp"
#include "service.hpp"

#include <ruche/detail/pool_core.hpp>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace ruche::detail {

/// A pool of processes: the machine decides, this carries out.
///
/// One lock guards everything. Whoever waits for a future of an otherwise quiet pool reads the workers' lines itself
/// (it leads); when there is more to do than one waits for (tasks are queued, callbacks were added), the service thread
/// does. Outcomes are put into futures after the lock is released.
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
    [[nodiscard]] std::string name() const override { return "a task of pool '" + settings_.name + "'"; }

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
        fd line;
        bool ready = false;
        std::exception_ptr set_up_error;
        bool leaves = false;
        bool line_ended = false;
        std::uint64_t next_sequence = 1;
        std::uint32_t codes_told = 0;
        std::deque<std::pair<std::uint64_t, pooling::task_id>> sent; ///< by their sequence; not answered yet
        std::vector<std::byte> out;                                  ///< what could not be sent yet
        std::vector<std::pair<std::size_t, std::vector<std::shared_ptr<const fd>>>> out_descriptors; ///< and where
        std::vector<std::byte> in;
        std::size_t in_begin = 0;
        std::deque<fd> in_descriptors;
        pooling::task_id held_for = pooling::no_task; ///< it is to end for this one
        std::uint64_t begun_when_held = 0;
        deadline::clock::time_point since{};
        bool dirty = false;
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
    [[nodiscard]] pooling::worker_start words_for(pooling::worker_id number, fd line) const;
    [[nodiscard]] bool assign(slot& to, pooling::task_id id);
    void write_task(slot& to, job& what, std::span<const std::byte> calls, std::uint32_t count);
    void append(slot& to, const pooling::request_header& header, std::span<const std::byte> payload);
    void flush(slot& to);
    [[nodiscard]] bool revoke(slot& from, pooling::task_id id);
    [[nodiscard]] bool end(slot& which, pooling::task_id because);
    void settle(pooling::task_id id, pooling::ending how);
    void deliver(job& of, std::vector<std::byte>&& bytes, std::vector<fd>&& descriptors, bool threw);

    void turn(std::span<const std::uint64_t> ready);
    void look_at(std::uint64_t key);
    void read(pooling::worker_id number);
    [[nodiscard]] bool read_some(slot& from);
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
};

} // namespace ruche::detail
