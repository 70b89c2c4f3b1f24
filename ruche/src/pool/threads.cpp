#include <ruche/thread_pool.hpp>

#include "os/limits.hpp"
#include "os/processors.hpp"
#include "os/signals.hpp"
#include "pool/machine.hpp"
#include "pool/outcome.hpp"
#include "pool/record.hpp"
#include "pool/this_worker.hpp"
#include "service.hpp"

#include <ruche/this_process.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace ruche::detail {

using namespace pooling;

namespace {

machine_settings machine_settings_of(const thread_pool_settings& settings)
{
    machine_settings to;
    to.workers = settings.workers;
    to.processors = os::processors_granted();
    to.tasks_per_worker = settings.tasks_per_worker;
    to.idle_time = settings.idle_time;
    to.leaving_time = never; // a thread can't be ended
    return to;
}

} // namespace

/// A pool of threads: the same machine, and a driver under one lock. Whether a task has been begun is known for sure
/// here, and all that is known of a thread is what it says.
class thread_pool_core final : public debtor, public std::enable_shared_from_this<thread_pool_core> {
public:
    explicit thread_pool_core(thread_pool_settings settings) :
        settings_(std::move(settings)), machine_(machine_settings_of(settings_)), slots_(settings_.workers)
    {
        record_.keep_trace(settings_.trace);
    }

    void submit(task_options&& options, std::unique_ptr<local_task> task, std::optional<std::uint32_t> which);
    [[nodiscard]] std::uint32_t size();
    void resize(std::uint32_t workers);
    void close();
    void shut_down(bool wait);
    [[nodiscard]] pool_status status();
    void write_trace(std::ostream& out);

    void wait(future_core& core, const wait_bounds& bounds) override;
    void cancel(future_core& core) override;
    [[nodiscard]] std::string name() const override { return task_of(settings_.name); }

private:
    using lock = std::unique_lock<std::mutex>;
    using moment = pooling::moment;

    struct job {
        std::shared_ptr<local_task> task;
        task_options options;
        stop_source stop;
        std::uint64_t stream = 0;
    };

    /// One thread. It outlives its slot if it is left behind.
    struct worker {
        worker_id number = 0;
        std::deque<task_id> given;  ///< not begun
        std::vector<task_id> doing; ///< the innermost last
        bool leaves = false;
        bool left_behind = false;
        std::condition_variable news;
        deadline::clock::time_point since{};
        time_split time{};
        worker_context context;
    };

    [[nodiscard]] static moment now() noexcept { return deadline::clock::now().time_since_epoch(); }
    [[nodiscard]] job& job_of(task_id id) noexcept { return jobs_[static_cast<std::uint32_t>(id) - 1]; }

    void act(lock& held);
    void carry_out(const action& what);
    void start(worker_id number);
    [[nodiscard]] bool revoke(worker_id number, task_id id);
    [[nodiscard]] bool end(worker_id number, task_id because);
    void settle(task_id id, ending how);
    void live(const std::shared_ptr<worker>& self);
    [[nodiscard]] bool set_up(const std::shared_ptr<worker>& self, lock& held);
    void do_task(worker& self, task_id id, lock& held);
    void end_life(const std::shared_ptr<worker>& self, lock& held);
    [[nodiscard]] bool help(task_id id, lock& held);
    void keep_time();

    thread_pool_settings settings_; ///< constant
    std::mutex mutex_;              ///< guards what follows
    std::condition_variable ended_; ///< a thread has
    machine machine_;
    std::vector<job> jobs_;
    std::vector<std::shared_ptr<worker>> slots_;
    std::vector<std::function<void()>> to_settle_; ///< done without the lock
    std::vector<std::pair<worker_id, std::exception_ptr>> failed_starts_;
    std::exception_ptr start_error_;
    std::uint64_t streams_ = 0;
    moment timer_at_ = never;
    pooling::record record_;

    static thread_local worker* working_; ///< whom the calling thread is
    static thread_local thread_pool_core* working_for_;
};

thread_local thread_pool_core::worker* thread_pool_core::working_ = nullptr;
thread_local thread_pool_core* thread_pool_core::working_for_ = nullptr;

void thread_pool_core::submit(task_options&& options, std::unique_ptr<local_task> task,
                              std::optional<std::uint32_t> which)
{
    lock held(mutex_);
    if (machine_.closed())
        throw pool_closed();
    const task_rules rules = rules_of(options, task->takes_stop_token, which);
    const task_id id = machine_.submit(rules, now());
    task->future().mark = id;
    const auto place = static_cast<std::uint32_t>(id);
    if (jobs_.size() < place)
        jobs_.resize(std::max<std::size_t>(place, jobs_.size() * 2));
    jobs_[place - 1] = {std::move(task), std::move(options), {}, streams_++};
    act(held);
}

std::uint32_t thread_pool_core::size()
{
    const lock held(mutex_);
    return machine_.size();
}

void thread_pool_core::resize(std::uint32_t workers)
{
    lock held(mutex_);
    if (slots_.size() < workers)
        slots_.resize(workers);
    machine_.resize(workers, now());
    act(held);
}

void thread_pool_core::close()
{
    lock held(mutex_);
    machine_.close(now());
    act(held);
}

void thread_pool_core::shut_down(bool wait)
{
    lock held(mutex_);
    if (wait)
        machine_.close(now());
    else
        machine_.cancel_all(now());
    act(held);
    ended_.wait(held, [this] { return machine_.finished(); });
    // What is done still refers to its future, and a future that nobody took refers to us.
    const std::vector<job> done = std::exchange(jobs_, {});
    held.unlock();
}

pool_status thread_pool_core::status()
{
    const lock held(mutex_);
    const auto at = deadline::clock::now();
    pool_status now_so;
    now_so.queued = machine_.queued();
    for (const auto& one : slots_)
        if (one && !one->doing.empty())
            now_so.running.push_back(
                {job_of(one->doing.back()).options.name, one->number, 0, at - one->since, one->given.size()});
    record_.fill(now_so);
    for (auto& one : now_so.workers)
        if (slots_[one.index])
            tell_time(one, slots_[one.index]->time);
    return now_so;
}

void thread_pool_core::write_trace(std::ostream& out)
{
    const lock held(mutex_);
    record_.write(out);
}

void thread_pool_core::cancel(future_core& core)
{
    lock held(mutex_);
    machine_.cancel(core.mark, now());
    act(held);
}

// A task that waits for another of its own pool does that one itself if nobody has begun it.
void thread_pool_core::wait(future_core& core, const wait_bounds& bounds)
{
    if (working_for_ == this) {
        lock held(mutex_);
        if (help(core.mark, held))
            return;
    }
    (void)core.sleep(bounds);
}

bool thread_pool_core::help(task_id id, lock& held)
{
    if (!machine_.is_live(id) || working_->left_behind)
        return false;
    for (const auto& one : slots_)
        if (one && std::find(one->doing.begin(), one->doing.end(), id) != one->doing.end())
            return false;
    if (!machine_.take_over(working_->number, id))
        return false;
    for (const auto& one : slots_)
        if (one)
            std::erase(one->given, id);
    const auto before = working_->context.stream;
    do_task(*working_, id, held);
    working_->context.stream = before;
    return true;
}

// --- the machine's wishes ---

void thread_pool_core::act(lock& held)
{
    for (;;) {
        while (machine_.has_actions())
            for (const action& what : machine_.take_actions())
                carry_out(what);
        if (!failed_starts_.empty()) {
            const auto [number, why] = failed_starts_.back();
            failed_starts_.pop_back();
            start_error_ = why;
            machine_.start_failed(number, now());
            continue;
        }
        if (to_settle_.empty())
            break;
        auto some = std::exchange(to_settle_, {});
        held.unlock();
        for (auto& one : some)
            one();
        some.clear();
        held.lock();
    }
    keep_time();
    if (machine_.finished())
        ended_.notify_all();
}

void thread_pool_core::carry_out(const action& what)
{
    auto& to = slots_[what.worker];
    switch (what.what) {
    case action::kind::start:
        start(what.worker);
        break;
    case action::kind::assign:
        to->given.push_back(what.task);
        to->news.notify_one();
        break;
    case action::kind::revoke:
        machine_.revoked(what.worker, what.task, revoke(what.worker, what.task), now());
        break;
    case action::kind::ask:
        job_of(what.task).stop.request_stop();
        break;
    case action::kind::end:
        if (!end(what.worker, what.task))
            machine_.spared(what.worker, what.task, now());
        break;
    case action::kind::retire:
        to->leaves = true;
        to->news.notify_one();
        break;
    case action::kind::settle:
        settle(what.task, what.how);
        break;
    }
}

void thread_pool_core::start(worker_id number)
{
    const auto one = std::make_shared<worker>();
    one->number = one->context.index = number;
    one->context.seed = settings_.seed;
    slots_[number] = one;
    try {
        const os::blocked_signals none; // signals are for the program's own threads
        std::thread([self = shared_from_this(), one] { self->live(one); }).detach();
    } catch (const std::system_error&) {
        slots_[number] = nullptr;
        failed_starts_.emplace_back(number, std::current_exception());
    }
}

bool thread_pool_core::revoke(worker_id number, task_id id)
{
    return slots_[number] && std::erase(slots_[number]->given, id) > 0;
}

// A thread can't be ended: it is left behind, and its place is free. One that waits in a task for the one to be ended
// can't be, for the sake of the outer one.
bool thread_pool_core::end(worker_id number, task_id because)
{
    const auto one = slots_[number];
    if (!one || one->doing.size() != 1 || one->doing.front() != because)
        return false;
    one->left_behind = true;
    slots_[number] = nullptr;
    record_.worker_ended(number, true);
    machine_.ended(number, because, now());
    return true;
}

void thread_pool_core::settle(task_id id, ending how)
{
    job& what = job_of(id);
    const auto error = failure(how, {settings_.name, what.options.name, start_error_, nullptr});
    to_settle_.push_back([task = what.task, error] { task->future().settle(error); });
}

void thread_pool_core::keep_time()
{
    const moment next = machine_.next();
    if (next >= timer_at_)
        return;
    timer_at_ = next;
    (void)service::instance().at(deadline(deadline::clock::time_point(next)), [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self)
            return;
        lock held(self->mutex_);
        if (now() >= self->timer_at_)
            self->timer_at_ = never;
        self->machine_.tick(now());
        self->act(held);
    });
}

// --- a thread ---

void thread_pool_core::live(const std::shared_ptr<worker>& self)
{
    working_ = self.get();
    working_for_ = this;
    become_worker(&self->context);
    lock held(mutex_);
    if (!set_up(self, held))
        return;
    for (;;) {
        self->time.enter(activity::waiting, now().count());
        self->news.wait(held, [&] { return !self->given.empty() || self->leaves; });
        self->time.enter(activity::sending, now().count());
        if (self->given.empty())
            break;
        const task_id id = self->given.front();
        self->given.pop_front();
        do_task(*self, id, held);
        if (self->left_behind)
            return;
    }
    end_life(self, held);
}

bool thread_pool_core::set_up(const std::shared_ptr<worker>& self, lock& held)
{
    std::exception_ptr why;
    held.unlock();
    try {
        if (settings_.pin) {
            const auto all = os::usable_processor_numbers();
            os::run_on_processors(std::array{all[self->number % all.size()]});
        }
        if (settings_.set_up)
            settings_.set_up();
    } catch (...) {
        why = std::current_exception();
    }
    held.lock();
    if (why) {
        slots_[self->number] = nullptr;
        start_error_ = why;
        machine_.start_failed(self->number, now());
    } else {
        record_.worker_started(self->number, this_process::id(), deadline::clock::now());
        machine_.started(self->number, now());
    }
    act(held);
    return !why;
}

void thread_pool_core::do_task(worker& self, task_id id, lock& held)
{
    const auto task = job_of(id).task;
    const stop_token stop = job_of(id).stop.get_token();
    self.context.stream = job_of(id).stream;
    self.doing.push_back(id);
    const auto began = self.since = deadline::clock::now();
    self.time.enter(activity::working, began.time_since_epoch().count());
    held.unlock();
    const std::exception_ptr error = task->run(stop);
    held.lock();
    const std::chrono::nanoseconds took = deadline::clock::now() - began;
    if (self.doing.size() == 1) // else it goes on with the task that waits for this one
        self.time.enter(activity::sending, (began + took).time_since_epoch().count());
    self.doing.pop_back();
    if (self.left_behind)
        return;
    job& what = job_of(id);
    record_.task_finished(self.number, what.options.name, began, took);
    const bool fit =
        error && what.options.retry.times > 0 && (!what.options.retry.when || what.options.retry.when(error));
    if (machine_.finished(self.number, id, fit, false, took, now()) == verdict::deliver)
        to_settle_.push_back([task, error] {
            if (error)
                task->future().settle(error);
            else
                task->deliver();
        });
    act(held);
}

void thread_pool_core::end_life(const std::shared_ptr<worker>& self, lock& held)
{
    held.unlock();
    if (settings_.tear_down) {
        try {
            settings_.tear_down();
        } catch (...) {
            run_on_service([error = std::current_exception()] { std::rethrow_exception(error); }); // which tells it
        }
    }
    self->context.states.clear();
    become_worker(nullptr);
    held.lock();
    slots_[self->number] = nullptr;
    record_.worker_ended(self->number, false);
    machine_.ended(self->number, no_task, now());
    act(held);
}

std::shared_ptr<thread_pool_core> make_pool(thread_pool_settings settings)
{
    return std::make_shared<thread_pool_core>(std::move(settings));
}
std::shared_ptr<debtor> debtor_of(const std::shared_ptr<thread_pool_core>& pool) { return pool; }
void submit(thread_pool_core& pool, task_options&& options, std::unique_ptr<local_task> task,
            std::optional<std::uint32_t> worker)
{
    pool.submit(std::move(options), std::move(task), worker);
}
std::uint32_t size(thread_pool_core& pool) { return pool.size(); }
void resize(thread_pool_core& pool, std::uint32_t workers) { pool.resize(workers); }
void close(thread_pool_core& pool) { pool.close(); }
void shut_down(thread_pool_core& pool, bool wait) { pool.shut_down(wait); }
pool_status status(thread_pool_core& pool) { return pool.status(); }
void write_trace(thread_pool_core& pool, std::ostream& out) { pool.write_trace(out); }

} // namespace ruche::detail

namespace ruche {

thread_pool::thread_pool(thread_pool_options options) :
    core_(
        detail::make_pool({options.workers == 0 ? this_process::cpu_count() : options.workers, std::move(options.name),
                           std::move(options.set_up), std::move(options.tear_down), options.max_tasks_per_worker,
                           options.idle_time, options.pin, options.seed, options.trace}))
{}

thread_pool::~thread_pool()
{
    if (core_)
        cancel_all();
}

} // namespace ruche
