#include <ruche/future.hpp>

#include "describe.hpp"
#include "last_word.hpp"
#include "lifeline.hpp"
#include "os/event.hpp"
#include "os/futex.hpp"
#include "os/os_error.hpp"
#include "os/poll.hpp"
#include "os/robust_lock.hpp"
#include "service.hpp"
#include "thrown.hpp"

#include <ruche/wait.hpp>

#include <array>
#include <deque>
#include <future>

namespace ruche::detail {

// --- the debtor ---

void debtor::wait(future_core& core, const wait_bounds& bounds) { (void)core.sleep(bounds); }
void debtor::watch(future_core&) {}
void debtor::drop(future_core&) noexcept {}

// --- the core ---

future_core::~future_core() = default;

bool future_core::wait(const wait_bounds& bounds)
{
    if (!settled())
        debtor_->wait(*this, bounds);
    return settled();
}

bool future_core::sleep(const wait_bounds& bounds)
{
    for (;;) {
        std::uint32_t word = word_.load(std::memory_order_acquire);
        if ((word & is_settled) != 0)
            return true;
        if (bounds.stopped() || bounds.until.passed())
            return false;
        if ((word & has_sleepers) == 0)
            word = word_.fetch_or(has_sleepers, std::memory_order_acq_rel) | has_sleepers;
        if ((word & is_settled) != 0)
            return true;
        const auto* const stop = bounds.stop ? bounds.stop->native_handle() : nullptr;
        os::futex_wait_any(std::array{os::futex_watch{&word_, word}, os::futex_watch{stop, 0}}, bounds.until);
    }
}

void future_core::observe(std::function<void()> observer)
{
    bool watch = false;
    {
        const std::scoped_lock lock(mutex_);
        const std::uint32_t before = word_.fetch_or(is_observed, std::memory_order_acq_rel);
        if ((before & is_settled) == 0) {
            observers_.push_back(std::move(observer));
            watch = (before & is_observed) == 0;
        }
    }
    if (watch)
        debtor_->watch(*this);
    else if (observer)
        observer();
}

void future_core::then_on_service(std::function<void()> job)
{
    observe([job = std::move(job)]() mutable { service::instance().post(std::move(job)); });
}

void future_core::cancel()
{
    if (!settled())
        debtor_->cancel(*this);
}

void future_core::drop() noexcept
{
    if (sent_away_)
        return;
    dropped_.store(true, std::memory_order_relaxed);
    debtor_->drop(*this);
}

int future_core::pollable()
{
    std::shared_ptr<const fd> event;
    {
        const std::scoped_lock lock(mutex_);
        if (event_)
            return event_->get();
        event = event_ = std::make_shared<const fd>(os::make_event());
    }
    observe([event] { os::set_event(*event); });
    return event->get();
}

bool future_core::settle(std::exception_ptr error)
{
    if (!claim())
        return false;
    outcome_ = std::move(error);
    publish();
    return true;
}

bool future_core::settle_with_answer(answer&& value)
{
    if (!claim())
        return false;
    outcome_ = std::move(value);
    publish();
    return true;
}

bool future_core::settle_with_told_error(answer&& error)
{
    if (!claim())
        return false;
    outcome_ = told_error{std::move(error)};
    publish();
    return true;
}

void future_core::publish() noexcept
{
    const std::uint32_t before = word_.fetch_or(is_settled, std::memory_order_acq_rel);
    if ((before & has_sleepers) != 0)
        os::futex_wake_all(word_);
    if ((before & is_observed) == 0)
        return;
    std::vector<std::function<void()>> observers;
    {
        const std::scoped_lock lock(mutex_);
        observers.swap(observers_);
    }
    for (auto& observer : observers)
        observer();
}

std::exception_ptr future_core::error()
{
    if (auto* const told = std::get_if<told_error>(&outcome_)) {
        source encoded(told->encoded.bytes, std::move(told->encoded.descriptors));
        std::vector<os::code_location> thrown_at;
        std::exception_ptr error = decode_thrown(encoded, thrown_at);
        outcome_ = std::move(error);
    }
    auto* const error = std::get_if<std::exception_ptr>(&outcome_);
    error_seen_ = error_seen_ || error;
    return error ? *error : nullptr;
}

void run_on_service(std::function<void()> job) { service::instance().post(std::move(job)); }

// --- several ---

struct completions::state {
    std::mutex mutex;
    std::deque<std::size_t> settled; ///< guarded by mutex
    os::futex_word count{0};         ///< how many were ever added
};

completions::completions() : state_(std::make_unique<state>()) {}
completions::~completions() = default;

void completions::add(std::size_t number)
{
    const std::scoped_lock lock(state_->mutex);
    state_->settled.push_back(number);
    state_->count.fetch_add(1, std::memory_order_release);
    os::futex_wake_all(state_->count);
}

std::optional<std::size_t> completions::next(const wait_bounds& bounds)
{
    for (;;) {
        const std::uint32_t count = state_->count.load(std::memory_order_acquire);
        {
            const std::scoped_lock lock(state_->mutex);
            if (!state_->settled.empty()) {
                const std::size_t number = state_->settled.front();
                state_->settled.pop_front();
                return number;
            }
        }
        if (bounds.stopped() || bounds.until.passed())
            return std::nullopt;
        const auto* const stop = bounds.stop ? bounds.stop->native_handle() : nullptr;
        os::futex_wait_any(std::array{os::futex_watch{&state_->count, count}, os::futex_watch{stop, 0}}, bounds.until);
    }
}

void report_to(const std::shared_ptr<completions>& board, future_core& core, std::size_t number)
{
    core.observe([board, number] { board->add(number); });
}

// --- a promise ---

void promise_debtor::cancel(future_core& core)
{
    if (!core.settle(std::make_exception_ptr(task_cancelled("the future of a promise was cancelled"))))
        return;
    std::function<void()> callback;
    {
        const std::scoped_lock lock(mutex);
        callback = std::move(on_cancel);
    }
    if (callback)
        callback();
}

std::exception_ptr broken_promise()
{
    return std::make_exception_ptr(std::future_error(std::future_errc::broken_promise));
}

// --- a process ---

namespace {

/// One process that owes one answer. Until it is watched, the holder of the future waits for it itself.
class process_debtor final : public debtor {
public:
    explicit process_debtor(process&& running) : process_(std::move(running)), name_(process_.name()) {}

    void wait(future_core& core, const wait_bounds& bounds) override
    {
        if (watched_) {
            (void)core.sleep(bounds);
            return;
        }
        if (bounds.stop && !wait_for_first(std::array{wait_for_this(process_)}, bounds.until, bounds.stop))
            return;
        if (bounds.until.is_never() || process_.join_for(bounds.until.left()))
            settle(core);
    }

    void watch(future_core& core) override
    {
        watched_ = true;
        ticket_ = service::instance().watch(process_.native_handle(), [this, weak = core.weak_from_this()] {
            if (const auto still = weak.lock()) {
                service::instance().forget(ticket_);
                settle(*still);
            }
        });
    }

    void cancel(future_core& core) override
    {
        forget();
        // Taken first: once the future is settled, another thread may drop it.
        process running = take();
        if (core.settle(std::make_exception_ptr(task_cancelled(name_ + " was cancelled"))))
            end_in_background(std::move(running));
        else
            put_back(std::move(running));
    }

    void drop(future_core& core) noexcept override
    {
        forget();
        if (core.settled() && watched_ && !core.error_seen() && may_say_a_last_word())
            if (const auto error = core.error())
                os::say("ruche: " + describe_exception(error) + ", and nobody looked at it\n");
        (void)take(); // asks and joins
    }

    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] process& worker() noexcept { return process_; }

private:
    [[nodiscard]] process take() noexcept
    {
        const std::scoped_lock lock(mutex_);
        return std::move(process_);
    }
    void put_back(process&& running) noexcept
    {
        const std::scoped_lock lock(mutex_);
        process_ = std::move(running);
    }

    void forget() noexcept
    {
        if (watched_)
            service::instance().forget(ticket_);
    }

    void settle(future_core& core)
    {
        const exit_status status = process_.join();
        if (auto error = status.error())
            core.settle(std::move(error));
        else if (auto answer = process_.take_answer())
            core.settle_with_answer(std::move(*answer));
        else
            core.settle(std::make_exception_ptr(process_died(status, name_)));
    }

    std::mutex mutex_; ///< of `process_` where it changes hands
    process process_;
    std::string name_;
    service::ticket ticket_ = 0;
    bool watched_ = false;
};

} // namespace

std::shared_ptr<debtor> make_process_debtor(process&& running)
{
    return std::make_shared<process_debtor>(std::move(running));
}

process& process_of(future_core& core)
{
    if (auto* const one = dynamic_cast<process_debtor*>(&core.owed_by()); one && one->worker().joinable())
        return one->worker();
    throw std::logic_error("this future has no process of its own");
}

// --- a future that travels ---
//
// The line is a socket pair. One message tells the outcome, in the words of a lifeline; anything that comes back asks
// to cancel.

namespace {

void tell_outcome(const fd& line, future_core& core, const std::function<void(sink&)>& put_value)
{
    sink message;
    lifeline_header header{lifeline_kind::returned};
    std::exception_ptr failed = core.error();
    try {
        if (!failed)
            put_value(message);
    } catch (...) {
        failed = std::current_exception();
        message.clear();
    }
    if (failed) {
        header.kind = lifeline_kind::threw;
        encode_thrown(message, failed);
    }
    std::vector<int> beside;
    for (const auto& descriptor : message.descriptors())
        beside.push_back(descriptor->get());
    // The receiver may be gone, which is its affair; there is one message, so there is room for it.
    (void)report(line.get(), header, message.bytes(), beside, false);
}

/// A future that came from another process.
class line_debtor final : public debtor {
public:
    explicit line_debtor(fd line) noexcept : line_(std::move(line)) {}

    void wait(future_core& core, const wait_bounds& bounds) override
    {
        if (watched_) {
            (void)core.sleep(bounds);
            return;
        }
        if (wait_for_first(std::array{wait_for_this(line_)}, bounds.until, bounds.stop))
            take(core);
    }

    void watch(future_core& core) override
    {
        watched_ = true;
        ticket_ = service::instance().watch(line_.get(), [this, weak = core.weak_from_this()] {
            service::instance().forget(ticket_);
            if (const auto still = weak.lock())
                take(*still);
        });
    }

    void cancel(future_core& core) override
    {
        if (core.settle(std::make_exception_ptr(task_cancelled("a future of another process was cancelled"))))
            (void)report(line_.get(), {lifeline_kind::failed}, {}, {}, false);
    }

    void drop(future_core&) noexcept override
    {
        if (watched_)
            service::instance().forget(ticket_);
    }

    [[nodiscard]] std::string name() const override { return "the process that sent this future"; }

private:
    void take(future_core& core)
    {
        bool ended = false;
        auto arrived = next_report(line_.get(), ended);
        if (!arrived)
            core.settle(std::make_exception_ptr(process_died(exit_status::ended_untold(), name())));
        else if (arrived->header.kind == lifeline_kind::returned)
            core.settle_with_answer({std::move(arrived->payload), std::move(arrived->descriptors)});
        else
            core.settle_with_told_error({std::move(arrived->payload), std::move(arrived->descriptors)});
    }

    fd line_;
    service::ticket ticket_ = 0;
    bool watched_ = false;
};

} // namespace

std::shared_ptr<const fd> send_outcome(const std::shared_ptr<future_core>& core, std::function<void(sink&)> put_value)
{
    auto [here, there] = os::message_socket_pair();
    const auto line = std::make_shared<const fd>(std::move(here));
    // The watch has a reference to the future only while that is not settled, so that nothing keeps it alive by itself.
    auto& thread = service::instance();
    auto ticket = std::make_shared<service::ticket>(0);
    thread.post([core, line, ticket, put_value = std::move(put_value), &thread] {
        if (!core->settled())
            *ticket = thread.watch(line->get(), [line, ticket, &thread, weak = std::weak_ptr(core)] {
                thread.forget(*ticket);
                bool ended = false;
                const auto asked = next_report(line->get(), ended, deadline(std::chrono::nanoseconds(0)));
                if (const auto still = weak.lock(); still && asked)
                    still->cancel();
            });
        core->then_on_service([core, line, ticket, put_value, &thread] {
            thread.forget(*ticket);
            tell_outcome(*line, *core, put_value);
        });
    });
    return std::make_shared<const fd>(std::move(there));
}

std::shared_ptr<debtor> receive_outcome(fd line) { return std::make_shared<line_debtor>(std::move(line)); }

} // namespace ruche::detail
