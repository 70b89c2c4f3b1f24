#include "supervisor/core.hpp"

#include "describe.hpp"
#include "os/family.hpp"
#include "os/poll.hpp"
#include "os/stop_signals.hpp"
#include "os/surroundings.hpp"

#include <ruche/exception.hpp>
#include <ruche/this_process.hpp>

#include <algorithm>
#include <array>
#include <random>

namespace ruche::detail {

namespace {

using supervision::ending;
using supervision::step_kind;
using kind = supervisor_event::kind;

supervision::moment now() { return supervision::moment::clock::now(); }

ending how(const exit_status& status)
{
    if (status.success())
        return ending::well;
    return status.error() ? ending::by_an_error_of_its_own : ending::badly;
}

// What is said where nobody else is told.
std::string complaint(const supervisor_event& event)
{
    switch (event.what) {
    case kind::ended: {
        if (event.status->success())
            return {};
        const auto thrown = event.status->error();
        return "ended: " + (thrown ? describe_exception(thrown) : event.status->describe());
    }
    case kind::start_refused:
        return "can't be started again: " + event.why;
    case kind::stuck:
        return "does not say that it lives, and is ended";
    default:
        return {};
    }
}

} // namespace

supervisor_core::supervisor_core(supervisor_options options) :
    owner_(os::current_process_id()), on_event_(std::move(options.on_event)), plan_(options, std::random_device()())
{}

// --- what one may ask of it

void supervisor_core::add(child_options options, launch&& call)
{
    const std::scoped_lock lock(mutex_);
    heed_stops();
    if (heeded_)
        return; // the family is to end, and this one has not begun
    if (plan_.is_stopping())
        throw std::logic_error("add '" + options.name + "' to a supervisor that was stopped");
    for (const auto& [which, one] : members_)
        if (one.options.name == options.name)
            throw std::invalid_argument("add '" + options.name + "' to a supervisor that has one of that name");
    options.process.name = options.name;
    call.signal_mask = os::signal_mask(); // the service thread, which starts it again, has all of them blocked
    const supervision::terms terms{options.restart, options.process.grace, options.last_grace,
                                   options.process.heartbeat};
    adding_ = plan_.add(terms, now());
    members_.emplace(adding_, member{std::move(options), std::move(call)});
    obey();
    adding_ = 0;
    if (refusal_)
        std::rethrow_exception(std::exchange(refusal_, nullptr));
}

void supervisor_core::remove(std::string_view name)
{
    const std::scoped_lock lock(mutex_);
    plan_.remove(find(name), now());
    obey();
}

void supervisor_core::restart(std::string_view name)
{
    const std::scoped_lock lock(mutex_);
    plan_.restart(find(name), now());
    obey();
}

std::size_t supervisor_core::restarts(std::string_view name) const
{
    const std::scoped_lock lock(mutex_);
    return plan_.restarts(find(name));
}

std::vector<supervised_child> supervisor_core::children() const
{
    const std::scoped_lock lock(mutex_);
    std::vector<supervised_child> all;
    for (const auto& [which, one] : members_)
        all.push_back({one.options.name, plan_.is_up(which) ? one.running.id() : 0, plan_.restarts(which)});
    return all;
}

supervisor_core::number supervisor_core::find(std::string_view name) const
{
    for (const auto& [which, one] : members_)
        if (one.options.name == name)
            return which;
    throw std::out_of_range("a supervisor has no process '" + std::string(name) + "'");
}

// --- its end

bool supervisor_core::is_over() const { return plan_.is_over() && events_.empty() && !telling_; }

bool supervisor_core::wait(const wait_bounds& bounds)
{
    if (service::instance().is_here())
        throw std::logic_error("wait for a supervisor in a callback, on the thread that does its work");
    for (;;) {
        const std::uint32_t seen = changes_.load(std::memory_order_acquire);
        {
            const std::scoped_lock lock(mutex_);
            if (is_over())
                return true;
        }
        if (bounds.stopped() || bounds.until.passed())
            return false;
        const std::array watches{os::futex_watch{&changes_, seen},
                                 os::futex_watch{bounds.stop ? bounds.stop->native_handle() : nullptr, 0}};
        os::futex_wait_any(watches, bounds.until);
    }
}

void supervisor_core::complain()
{
    const std::scoped_lock lock(mutex_);
    if (!given_up_)
        return;
    complained_ = true;
    std::rethrow_exception(given_up_);
}

void supervisor_core::stop()
{
    {
        const std::scoped_lock lock(mutex_);
        plan_.stop(now());
        obey();
    }
    (void)wait({});
}

void supervisor_core::leave() noexcept
{
    if (owner_ != os::current_process_id())
        return;
    try {
        {
            const std::scoped_lock lock(mutex_);
            plan_.stop(now());
            obey();
        }
        if (!service::instance().is_here())
            (void)wait({});
        const std::scoped_lock lock(mutex_);
        if (given_up_ && !complained_)
            os::say("ruche: " + describe_exception(given_up_) + "\n");
    } catch (const std::exception& error) {
        os::say(std::string("ruche: stop a supervisor: ") + error.what() + "\n");
    }
}

// --- carrying out the plan; all with the lock held

void supervisor_core::obey()
{
    while (const auto step = plan_.next())
        obey(*step);
    std::erase_if(members_, [this](const auto& one) { return !plan_.is_known(one.first); });
    set_alarm();
    wake_waiters();
}

void supervisor_core::obey(const supervision::step& step)
{
    const auto found = members_.find(step.which);
    if (found == members_.end())
        return;
    member& one = found->second;
    switch (step.what) {
    case step_kind::start:
        return start(step.which);
    case step_kind::ask:
        (void)one.running.request_stop();
        return;
    case step_kind::tell:
        return one.running.terminate();
    case step_kind::make:
        return one.running.kill();
    case step_kind::abort:
        emit(kind::stuck, one);
        return one.running.abort();
    case step_kind::pause:
        return emit({.what = kind::waiting, .child = one.options.name, .pause = step.pause});
    case step_kind::finished:
        one.call = {}; // what its arguments held is held no longer
        return emit({.what = kind::finished, .child = one.options.name});
    case step_kind::stopped:
        one.call = {};
        return emit({.what = kind::stopped, .child = one.options.name});
    case step_kind::given_up:
        note_given_up(one);
        one.call = {};
        return emit({.what = kind::given_up, .child = one.options.name});
    }
}

void supervisor_core::start(number which)
{
    member& one = members_.at(which);
    heed_stops();
    try {
        if (plan_.is_stopping())
            throw start_failed(ECANCELED, "start process '" + one.options.name + "': all are to stop");
        one.running = process(one.options.process, one.call);
        one.watch = service::instance().watch(one.running.native_handle(), [weak = weak_from_this(), which] {
            if (const auto still = weak.lock())
                still->see_end(which);
        });
    } catch (const std::exception&) {
        return refuse(which, one);
    }
    plan_.started(which, now());
    emit(std::exchange(one.has_run, true) ? kind::restarted : kind::started, one);
}

void supervisor_core::refuse(number which, member& one)
{
    if (which == adding_ && !one.has_run && !heeded_) {
        refusal_ = std::current_exception();
        plan_.remove(which, now());
    } else if (!plan_.is_stopping()) {
        emit({.what = kind::start_refused,
              .child = one.options.name,
              .why = describe_exception(std::current_exception())});
    }
    plan_.not_started(which, now());
}

// The service thread has seen that the process has ended.
void supervisor_core::see_end(number which)
{
    const std::scoped_lock lock(mutex_);
    const auto found = members_.find(which);
    if (found == members_.end() || found->second.watch == 0)
        return;
    member& one = found->second;
    service::instance().forget(std::exchange(one.watch, 0));
    one.last = one.running.join();
    supervisor_event event{.what = kind::ended, .child = one.options.name, .id = one.running.id(), .status = one.last};
    heed_stops();
    if (!plan_.is_stopping() || !one.last->success())
        emit(std::move(event));
    plan_.ended(which, how(*one.last), now());
    obey();
}

void supervisor_core::time_passes()
{
    const std::scoped_lock lock(mutex_);
    alarm_ = deadline::never();
    heed_stops();
    for (const auto& [which, one] : members_)
        if (one.watch != 0)
            plan_.lives(which, one.running.last_heartbeat());
    plan_.time_passes(now());
    obey();
}

// An alarm that has become too early is not taken back: it looks, and finds nothing to do.
void supervisor_core::set_alarm()
{
    const deadline next(plan_.wake_at());
    if (next >= alarm_)
        return;
    alarm_ = next;
    service::instance().at(next, [weak = weak_from_this()] {
        if (const auto still = weak.lock())
            still->time_passes();
    });
}

// Ctrl+C asks the whole family, and our own starter may have asked us: then nobody is started again.
void supervisor_core::heed_stops()
{
    if (os::first_stop_signal() == 0 && !this_process::get_stop_token().stop_requested())
        return;
    heeded_ = true;
    plan_.stop(now());
}

void supervisor_core::note_given_up(const member& one)
{
    const bool has_ended = one.last.has_value();
    const auto thrown = has_ended ? one.last->error() : nullptr;
    const too_many_restarts error(one.options.name, "'" + one.options.name + "' has died too often and was given up" +
                                                        (has_ended && !thrown ? ": " + one.last->describe() : ""));
    given_up_ = wire::with_nested(error, thrown);
}

// --- telling

void supervisor_core::emit(kind what, const member& one)
{
    emit({.what = what, .child = one.options.name, .id = one.running.id()});
}

void supervisor_core::emit(supervisor_event event)
{
    if (!on_event_) {
        const std::string words = plan_.is_stopping() ? std::string() : complaint(event);
        if (!words.empty())
            os::say("ruche: process '" + event.child + "': " + words + "\n");
        return;
    }
    events_.push_back(std::move(event));
    if (std::exchange(telling_, true))
        return;
    service::instance().post([self = shared_from_this()] { self->tell_events(); });
}

void supervisor_core::tell_events()
{
    for (;;) {
        supervisor_event event;
        {
            const std::scoped_lock lock(mutex_);
            if (events_.empty()) {
                telling_ = false;
                wake_waiters();
                return;
            }
            event = std::move(events_.front());
            events_.pop_front();
        }
        try {
            on_event_(event);
        } catch (...) {
            os::say("ruche: on_event of a supervisor threw: " + describe_exception(std::current_exception()) + "\n");
        }
    }
}

void supervisor_core::wake_waiters() noexcept
{
    changes_.fetch_add(1, std::memory_order_release);
    os::futex_wake_all(changes_);
}

} // namespace ruche::detail
