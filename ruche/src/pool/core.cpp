#include "pool/core.hpp"

#include "last_word.hpp"
#include "os/event.hpp"
#include "os/poll.hpp"
#include "os/processors.hpp"
#include "os/socket.hpp"
#include "os/stop_signals.hpp"
#include "os/surroundings.hpp"
#include "pool/outcome.hpp"
#include "thrown.hpp"

#include <ruche/fn.hpp>
#include <ruche/this_process.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <ostream>

namespace ruche::detail {

using namespace pooling;

namespace {

/// How often the service thread looks at the lines of one pool in a row.
constexpr int most_turns = 16;

machine_settings machine_settings_of(const pool_settings& settings)
{
    machine_settings to;
    to.workers = settings.workers;
    to.processors = os::processors_granted();
    to.tasks_per_worker = settings.tasks_per_worker;
    to.idle_time = settings.idle_time;
    to.leaving_time = settings.grace;
    to.quarantine_after = settings.quarantine_after;
    return to;
}

} // namespace

void call_outcome::rethrow(answer& told)
{
    source encoded(told.bytes, std::move(told.descriptors));
    std::vector<os::code_location> thrown_at;
    std::rethrow_exception(decode_thrown(encoded, thrown_at));
}

// --- what users do ---

pool_core::pool_core(pool_settings settings) :
    settings_(std::move(settings)), signal_mask_(os::signal_mask()), kick_(os::make_event()),
    machine_(machine_settings_of(settings_)), slots_(settings_.workers)
{
    lines_.add(kick_.get(), kick_key);
    if (os::stop_signal_notice() >= 0)
        lines_.add(os::stop_signal_notice(), stop_key);
    record_.keep_trace(settings_.trace);
}

pool_core::~pool_core() = default;

std::uint32_t pool_core::code_number(const task_request& request)
{
    const std::pair key(request.task->run(), request.function);
    if (last_code_.first == key && !codes_.empty())
        return last_code_.second;
    const auto [found, is_new] = code_numbers_.emplace(key, static_cast<std::uint32_t>(codes_.size()));
    if (is_new)
        codes_.push_back(refer_to(key.first, key.second));
    last_code_ = {key, found->second};
    return found->second;
}

void pool_core::submit(task_request&& request)
{
    lock held(mutex_);
    if (machine_.closed())
        throw pool_closed();
    job one;
    if (const std::size_t count = request.arguments.descriptors().size(); count > os::max_descriptors)
        throw too_large("a task with " + std::to_string(count) + " descriptors");
    one.code = code_number(request);
    one.name = std::move(request.options.name);
    one.takes_stop_token = request.takes_stop_token;
    one.stream = streams_;
    if (request.calls) {
        one.calls = std::move(request.calls);
        one.outcomes.resize(one.calls->offsets.size());
        for (std::uint32_t i = 0; i < one.outcomes.size(); ++i)
            one.to_do.push_back(i);
        streams_ += one.outcomes.size();
    } else {
        one.arguments.assign(request.arguments.bytes().begin(), request.arguments.bytes().end());
        one.descriptors.assign(request.arguments.descriptors().begin(), request.arguments.descriptors().end());
        ++streams_;
    }
    const task_rules rules = rules_of(request.options, one.takes_stop_token, request.worker);
    one.options = std::move(request.options);
    const task_id id = machine_.submit(rules, now());
    request.future->mark = id;
    one.future = std::move(request.future);
    const auto place = static_cast<std::uint32_t>(id);
    if (jobs_.size() < place)
        jobs_.resize(std::max<std::size_t>(place, jobs_.size() * 2));
    jobs_[place - 1] = std::move(one);
    carry_out();
    give_out(held);
}

std::uint32_t pool_core::size()
{
    const lock held(mutex_);
    return machine_.size();
}

void pool_core::resize(std::uint32_t workers)
{
    lock held(mutex_);
    if (slots_.size() < workers)
        slots_.resize(workers);
    machine_.resize(workers, now());
    carry_out();
    give_out(held);
}

void pool_core::close()
{
    lock held(mutex_);
    machine_.close(now());
    carry_out();
    give_out(held);
}

void pool_core::shut_down(bool wait)
{
    lock held(mutex_);
    if (wait)
        machine_.close(now());
    else
        machine_.cancel_all(now());
    carry_out();
    give_out(held);
    while (!machine_.finished()) {
        if (leader_) {
            led_.wait(held);
            continue;
        }
        if (std::exchange(served_, false)) // we may be the service thread ourselves
            service::instance().set_heeded(ticket_, false);
        lead([this] { return machine_.finished(); }, deadline::never(), held);
    }
    const auto tickets = std::array{std::exchange(ticket_, 0), std::exchange(timer_, 0)};
    held.unlock();
    for (const auto ticket : tickets)
        if (ticket != 0)
            service::instance().forget(ticket);
}

pool_status pool_core::status()
{
    const lock held(mutex_);
    const auto at = deadline::clock::now();
    pool_status now_so;
    now_so.queued = machine_.queued();
    for (worker_id number = 0; number < slots_.size(); ++number) {
        const slot& one = slots_[number];
        if (!one.page)
            continue;
        for (const auto& [sequence, id] : one.sent)
            if (sequence == one.page->work.begun.load(std::memory_order_acquire))
                now_so.running.push_back({job_of(id).name, number, one.running.id(), at - one.since,
                                          static_cast<std::size_t>(one.next_sequence - sequence - 1)});
    }
    record_.fill(now_so);
    for (auto& one : now_so.workers)
        if (slots_[one.index].page)
            tell_time(one, slots_[one.index].page->work.time);
    return now_so;
}

void pool_core::write_trace(std::ostream& out)
{
    const lock held(mutex_);
    record_.write(out);
}

void pool_core::cancel(future_core& core)
{
    lock held(mutex_);
    machine_.cancel(core.mark, now());
    carry_out();
    give_out(held);
}

// --- waiting ---

bool pool_core::needs_service() const noexcept
{
    const auto waits_for_room = [](const slot& one) { return !one.out.empty(); };
    return watched_ || sleepers_ > 0 || machine_.queued() > 0 ||
           std::any_of(slots_.begin(), slots_.end(), waits_for_room);
}

void pool_core::watch(future_core&)
{
    lock held(mutex_);
    watched_ = true;
    arrange_service();
}

void pool_core::wait(future_core& core, const wait_bounds& bounds)
{
    lock held(mutex_);
    if (!leader_ && !served_ && !bounds.stop) {
        lead([&core] { return core.settled(); }, bounds.until, held);
        return;
    }
    ++sleepers_;
    arrange_service();
    held.unlock();
    (void)core.sleep(bounds);
    held.lock();
    --sleepers_;
}

// Nobody is told of what it fails with, but it may have to be tried again.
void pool_core::drop(future_core& core) noexcept
{
    if (core.settled())
        return;
    try {
        watch(core);
    } catch (const std::exception& error) {
        os::say("ruche: nobody can look after " + name() + ": " + error.what() + "\n");
    }
}

// Returns whether there is something to hear already.
bool pool_core::arm_lines()
{
    bool news = false;
    for (const slot& one : slots_)
        if (one.expects_news())
            one.line->arm();
    for (const slot& one : slots_)
        news = news || (one.expects_news() && one.line->has_news());
    return news;
}

void pool_core::disarm_lines()
{
    for (const slot& one : slots_)
        if (one.line)
            one.line->disarm();
}

// Looks at the lines a little longer, without the lock. They stay: only who leads buries workers, and that is us.
bool pool_core::spin(lock& held)
{
    std::array<const worker_line*, 4> lines;
    std::size_t count = 0;
    for (const slot& one : slots_) {
        if (!one.expects_news())
            continue;
        if (count == lines.size() || !one.ready)
            return false; // so many are busy that one of them will have to wake us; or it takes long
        lines[count++] = one.line.get();
    }
    if (count == 0)
        return false;
    held.unlock();
    const bool news = spin_.spin(0, [some = std::span(lines).first(count)] {
        return std::any_of(some.begin(), some.end(), [](const auto* one) { return one->has_news(); });
    });
    held.lock();
    return news;
}

// Nobody else looks at the lines meanwhile, so what happens is seen here; `kick_` tells what others have done.
template <class Done>
void pool_core::lead(Done done, const deadline& until, lock& held)
{
    leader_ = true;
    std::array<std::uint64_t, 64> keys;
    std::span<const std::uint64_t> ready;
    if (!until.is_never()) // however short the wait, there is one look
        ready = lines_.wait(keys, deadline(std::chrono::nanoseconds(0)));
    for (;;) {
        turn(ready);
        give_out(held);
        if (done() || until.passed())
            break;
        ready = {};
        if (spin(held) || done() || arm_lines())
            continue;
        leader_sleeps_until_ = std::min(until.moment(), deadline::clock::time_point(machine_.next()));
        held.unlock();
        ready = lines_.wait(keys, deadline(*leader_sleeps_until_));
        held.lock();
        leader_sleeps_until_.reset();
        disarm_lines();
    }
    leader_ = false;
    led_.notify_all();
    arrange_service();
}

// Whether the service thread looks at the lines, and when it looks at the clock.
void pool_core::arrange_service()
{
    if (!leader_ && !served_ && machine_.tasks() > 0 && needs_service()) {
        served_ = true;
        auto& thread = service::instance();
        if (ticket_ == 0)
            ticket_ = thread.watch(lines_.native_handle(), [weak = weak_from_this()] {
                if (const auto self = weak.lock())
                    self->serve();
            });
        else
            thread.set_heeded(ticket_, true);
        if (arm_lines())
            os::set_event(kick_);
    } else if (served_ && machine_.tasks() == 0) {
        served_ = false;
        watched_ = false;
        service::instance().set_heeded(ticket_, false);
    }
    const moment next = machine_.next();
    if (leader_sleeps_until_ && (machine_.finished() || deadline::clock::time_point(next) < *leader_sleeps_until_))
        os::set_event(kick_);
    if (next >= timer_at_ || leader_)
        return;
    timer_at_ = next;
    timer_ = service::instance().at(deadline(deadline::clock::time_point(next)), [weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->serve();
    });
}

void pool_core::serve()
{
    std::array<std::uint64_t, 64> keys;
    lock held(mutex_);
    if (now() >= timer_at_)
        timer_at_ = never;
    if (leader_)
        return; // who looks at everything by itself
    disarm_lines();
    auto ready = lines_.wait(keys, deadline(std::chrono::nanoseconds(0)));
    for (int turns = 0; turns == 0 || arm_lines(); ++turns) {
        turn(ready);
        give_out(held);
        ready = {};
        if (leader_)
            return;
        if (turns == most_turns) { // others want the thread too
            os::set_event(kick_);
            break;
        }
    }
    arrange_service();
}

void pool_core::turn(std::span<const std::uint64_t> ready)
{
    for (const std::uint64_t key : ready) {
        look_at(key);
        carry_out_actions(); // before the next news, or an action may find its worker gone
    }
    hear_news();
    if (machine_.next() <= now())
        machine_.tick(now());
    carry_out();
}

void pool_core::look_at(std::uint64_t key)
{
    if (key == kick_key) {
        os::clear_event(kick_);
    } else if (key == stop_key) {
        lines_.remove(os::stop_signal_notice()); // Ctrl+C: what is not done will not be
        machine_.cancel_all(now());
    } else {
        const auto number = static_cast<worker_id>((key - 2) / 2);
        if (key == line_key(number))
            read(number);
        else
            bury(number);
    }
}

// Puts outcomes into futures, without the lock: whoever hears of them may use the pool.
void pool_core::give_out(lock& held)
{
    while (!finished_.empty()) {
        auto some = std::exchange(finished_, {});
        held.unlock();
        for (auto& one : some) {
            if (auto* const error = std::get_if<std::exception_ptr>(&one.outcome))
                one.future->settle(std::move(*error));
            else if (auto* const calls = std::get_if<batch_outcome>(&one.outcome))
                static_cast<future_state<batch_outcome>&>(*one.future).settle_with_value(std::move(*calls));
            else if (one.threw)
                one.future->settle_with_told_error(std::move(std::get<answer>(one.outcome)));
            else
                one.future->settle_with_answer(std::move(std::get<answer>(one.outcome)));
        }
        some.clear(); // what a future's value destroys must not find the lock held
        held.lock();
        if (leader_sleeps_until_) // only now: what it waits for may have been among them
            os::set_event(kick_);
    }
    arrange_service();
}

std::shared_ptr<pool_core> make_pool(pool_settings settings)
{
    return std::make_shared<pool_core>(std::move(settings));
}
std::shared_ptr<debtor> debtor_of(const std::shared_ptr<pool_core>& pool) { return pool; }
void submit(pool_core& pool, task_request&& request) { pool.submit(std::move(request)); }
std::uint32_t size(pool_core& pool) { return pool.size(); }
void resize(pool_core& pool, std::uint32_t workers) { pool.resize(workers); }
void close(pool_core& pool) { pool.close(); }
void shut_down(pool_core& pool, bool wait) { pool.shut_down(wait); }
pool_status status(pool_core& pool) { return pool.status(); }
void write_trace(pool_core& pool, std::ostream& out) { pool.write_trace(out); }

} // namespace ruche::detail
