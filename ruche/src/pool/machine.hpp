#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

/// What a pool decides, without clocks, threads and processes: events go in, actions come out. The driver carries the
/// actions out and tells what came of them. Everything is in one thread's hands (the driver has a lock).
namespace ruche::pooling {

/// Since some beginning that the driver chooses.
using moment = std::chrono::nanoseconds;
inline constexpr moment never = moment::max();

/// Names a task for ever: its place, and which use of the place.
using task_id = std::uint64_t;
using worker_id = std::uint32_t;
inline constexpr task_id no_task = 0;
inline constexpr worker_id any_worker = 0xFFFF'FFFF;

/// How many tasks a worker has at most, the one it does included.
inline constexpr std::size_t most_in_hands = 96;

struct task_rules {
    moment deadline = never; ///< of all attempts together
    moment grace{};          ///< how long it has to end once asked; zero: it can't be asked
    int priority = 0;        ///< greater first
    std::uint32_t retries = 0;
    moment first_delay{}; ///< before the first retry; doubled for each further one
    moment longest_delay{};
    worker_id worker = any_worker; ///< which one has to do it
};

struct machine_settings {
    std::uint32_t workers = 1;
    std::uint32_t processors = 1;       ///< so many workers are enough for tasks that only compute
    std::uint64_t tasks_per_worker = 0; ///< 0: any number
    moment idle_time = never;           ///< after which an idle worker leaves
    std::uint32_t quarantine_after = 3; ///< workers that one task may kill
    std::uint32_t start_attempts = 3;   ///< failures in a row before those who wait are told
    moment first_start_delay = std::chrono::milliseconds(10);
    moment longest_start_delay = std::chrono::seconds(1);
    moment leaving_time = std::chrono::seconds(5); ///< for a worker that is asked to leave
};

/// How a task ended that did not simply return or throw.
enum class ending : std::uint8_t { died, quarantined, expired, cancelled, no_worker };

struct action {
    enum class kind : std::uint8_t {
        start,  ///< a worker
        assign, ///< a task to a worker
        revoke, ///< a task that a worker has and perhaps not begun; the answer is `revoked`
        ask,    ///< a running task to stop
        end,    ///< a worker, at once; if there is a `task`, only if it is still at that: the answer is `spared` else
        retire, ///< a worker: it leaves when what it has is done
        settle, ///< a task: `how` it ended
    };
    kind what{};
    ending how{};
    worker_id worker = 0;
    task_id task = no_task;
};

/// What becomes of a result that arrived.
enum class verdict : std::uint8_t {
    deliver, ///< it is the task's outcome
    retry,   ///< it will be tried again
    ignore,  ///< it has its outcome already
};

/// Invariants: a task is in exactly one place (the queue, a worker's hands, or among those that wait for a retry) until
/// it ends; it is settled once. A worker in state `ready` takes tasks; the tasks in its hands are in the order in which
/// it does them, and at most the first has been begun.
class machine {
public:
    explicit machine(const machine_settings& settings);

    // --- events ---

    [[nodiscard]] task_id submit(const task_rules& rules, moment now);
    /// Nothing more will be submitted; when all is done the workers leave.
    void close(moment now);
    /// Gives up every task that has not ended, and ends the workers.
    void cancel_all(moment now);
    void cancel(task_id task, moment now);
    void resize(std::uint32_t workers, moment now);

    void started(worker_id worker, moment now);
    /// It could not be started, or ended before it was ready.
    void start_failed(worker_id worker, moment now);
    /// It couldn't take the task now: its ring is full.
    void refused(worker_id worker, task_id task, moment now);
    /// `fit_for_retry`: it failed in a way that its submitter wants tried again. `worn`: the worker should leave.
    [[nodiscard]] verdict finished(worker_id worker, task_id task, bool fit_for_retry, bool worn, moment run_time,
                                   moment now);
    /// A worker does it out of turn, since what it is at waits for it. Whether it is still to be had: its driver knows
    /// that nobody has begun it.
    [[nodiscard]] bool take_over(worker_id worker, task_id task);
    /// The answer to `revoke`: whether it is sure that the task was not and will not be begun.
    void revoked(worker_id worker, task_id task, bool sure, moment now);
    /// The worker passed a task over because it was revoked.
    void skipped(worker_id worker, task_id task, moment now);
    /// It was not ended, since it is done with the task for which it was to be.
    void spared(worker_id worker, task_id because, moment now);
    /// It has ended; `begun` is what it was doing, or `no_task`.
    void ended(worker_id worker, task_id begun, moment now);
    void tick(moment now);

    // --- what is to be done ---

    [[nodiscard]] std::vector<action> take_actions() noexcept { return std::exchange(actions_, {}); }
    [[nodiscard]] bool has_actions() const noexcept { return !actions_.empty(); }
    /// When `tick` has something to do.
    [[nodiscard]] moment next() const;

    // --- what is going on ---

    [[nodiscard]] bool closed() const noexcept { return closed_; }
    /// Nothing is left: no task, no worker.
    [[nodiscard]] bool finished() const noexcept { return live_tasks_ == 0 && occupied_ == 0; }
    [[nodiscard]] std::size_t tasks() const noexcept { return live_tasks_; }
    [[nodiscard]] std::size_t queued() const noexcept { return queued_; }
    [[nodiscard]] std::uint32_t size() const noexcept { return target_; }
    /// Workers that are there, or being started.
    [[nodiscard]] std::uint32_t occupied() const noexcept { return occupied_; }
    [[nodiscard]] bool is_live(task_id task) const noexcept;
    /// Whether anything is in a worker's hands.
    [[nodiscard]] bool busy() const noexcept { return in_hands_ > 0; }
    [[nodiscard]] std::uint32_t attempts(task_id task) const noexcept;

private:
    enum class place : std::uint8_t { nowhere, queue, hands, waiting };
    enum class state : std::uint8_t { absent, starting, ready, leaving, ending };

    struct task {
        std::uint32_t generation = 1;
        place where = place::nowhere;
        bool asked_back = false; ///< its worker has been asked for it, and the answer is to come
        bool over = false;       ///< its worker is past it, and will say so
        bool settled = false;    ///< its outcome is out; it is only still in a worker's hands
        std::uint32_t failures = 0;
        std::uint32_t deaths = 0;
        moment limit = never; ///< when its worker is ended if it still runs
        moment again = never; ///< when it is queued once more
        worker_id worker = 0;
        task_rules rules;
    };
    struct worker {
        state now = state::absent;
        bool full = false;
        bool is_idle = false;  ///< is in `idle_`
        bool is_busy = false;  ///< is in `busy_`
        bool is_stuck = false; ///< has finished nothing for a while
        bool leaves = false;   ///< was told to
        std::uint64_t taken = 0;
        moment pace{-1}; ///< what its tasks take, on average; negative: not known
        moment idle_since{};
        moment progress{}; ///< when it was given something to do, or finished something
        moment limit = never;
        std::deque<task_id> hands;
        std::deque<task_id> own; ///< waiting tasks that are for this one; may hold some that have left
    };

    [[nodiscard]] task& get(task_id id) noexcept { return tasks_[static_cast<std::uint32_t>(id) - 1]; }
    [[nodiscard]] const task& get(task_id id) const noexcept { return tasks_[static_cast<std::uint32_t>(id) - 1]; }
    void emit(action::kind what, worker_id worker, task_id task = no_task, ending how = {});
    void queue(task_id id, bool in_front);
    [[nodiscard]] task_id pop();
    void settle(task_id id, ending how);
    void release(task_id id);
    void ask_back(task_id id);
    void give_up(task_id id, ending how, moment now);
    void stop_running(worker_id worker, task_id id, moment now);
    void end_worker(worker_id worker, task_id because = no_task);
    void retire(worker_id worker, moment now);
    void retry_or_settle(task_id id, ending how, moment now);
    [[nodiscard]] bool wait_for_retry(task_id id, moment now);
    void take_from_hands(worker_id worker, task_id id, moment now);
    void became_free(worker_id worker, moment now);
    void leave_idle(worker_id worker);
    void become_absent(worker_id worker);
    [[nodiscard]] std::size_t depth(const worker& one) const noexcept;
    [[nodiscard]] bool may_take(const worker& one) const noexcept;
    [[nodiscard]] worker* with_room();
    [[nodiscard]] bool is_quick(const worker& one) const noexcept;
    [[nodiscard]] worker* quick_one();
    void watch_for_stuck(moment now);
    void look_for_stuck(moment now);
    void set_limit(worker& of, moment at) noexcept;
    void start_workers(moment now);
    void dispatch(moment now);
    void share_out();
    void leave_if_closed(moment now);
    void assign(worker& to, task_id id);
    void start(worker_id number);
    void dispatch_own(moment now);
    [[nodiscard]] task_id pop_own(worker& of);
    void set_timer(moment at, task_id id);
    void drop_timer(moment at, task_id id);

    machine_settings settings_;
    std::uint32_t target_;
    bool closed_ = false;
    std::vector<action> actions_;
    std::vector<task> tasks_;
    std::vector<std::uint32_t> free_;
    std::size_t live_tasks_ = 0;
    std::size_t in_hands_ = 0;
    std::size_t queued_ = 0;
    std::size_t own_queued_ = 0;                                ///< of those, the ones that are for one worker
    std::map<int, std::deque<task_id>, std::greater<>> queues_; ///< may hold tasks that have left; see `pop`
    std::set<std::pair<moment, task_id>> timers_;
    std::vector<worker> workers_;
    std::vector<worker_id> idle_; ///< the longest idle first
    std::vector<worker_id> busy_; ///< all that have something in their hands; may hold some that have not any more
    moment next_look_ = never;    ///< for those who are stuck
    std::size_t limits_ = 0;      ///< how many workers have one
    std::uint32_t occupied_ = 0;
    std::uint32_t starting_ = 0;
    std::uint32_t failed_starts_ = 0;
    moment next_start_{};
    moment last_tick_{-1};
    worker_id turn_ = 0;           ///< whose turn it is to be given more
    bool all_are_full_ = false;    ///< nobody has had room since the last event that makes some
    bool enough_are_busy_ = false; ///< with what takes so little that it is not worth to wake anybody else
};

} // namespace ruche::pooling
