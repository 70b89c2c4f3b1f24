#include "pool/core.hpp"

#include "os/event.hpp"
#include "os/family.hpp"
#include "os/futex.hpp"
#include "os/processors.hpp"
#include "os/socket.hpp"
#include "os/stop_signals.hpp"
#include "os/surroundings.hpp"
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

// Keys of the set of lines; those of workers follow.
constexpr std::uint64_t kick_key = 0;
constexpr std::uint64_t stop_key = 1;
constexpr std::uint64_t line_key(worker_id number) { return 2 + 2 * std::uint64_t{number}; }
constexpr std::uint64_t end_key(worker_id number) { return 3 + 2 * std::uint64_t{number}; }

/// A worker that hasn't taken this many bytes yet gets no further task.
constexpr std::size_t most_unsent = 256 * 1024;
constexpr std::size_t read_at_once = 64 * 1024;

machine_settings machine_settings_of(const pool_settings& settings)
{
    machine_settings to;
    to.workers = settings.workers;
    to.tasks_per_worker = settings.tasks_per_worker;
    to.idle_time = settings.idle_time;
    to.leaving_time = settings.grace;
    to.quarantine_after = settings.quarantine_after;
    return to;
}

void append_bytes(std::vector<std::byte>& to, std::span<const std::byte> bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}

std::exception_ptr read_error(std::span<const std::byte> bytes)
{
    source encoded(bytes);
    std::vector<os::code_location> thrown_at;
    return decode_thrown(encoded, thrown_at);
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
    task_rules rules;
    if (!request.options.deadline.is_never())
        rules.deadline = request.options.deadline.moment().time_since_epoch();
    rules.grace = one.takes_stop_token ? request.options.grace : std::chrono::nanoseconds(0);
    rules.priority = request.options.priority;
    rules.retries = request.options.retry.times;
    rules.first_delay = request.options.retry.first_delay;
    rules.longest_delay = request.options.retry.longest_delay;
    if (request.worker)
        rules.worker = *request.worker;
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
    record_.fill(now_so, at);
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

bool pool_core::needs_service() const noexcept { return watched_ || sleepers_ > 0 || machine_.queued() > 0; }

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
        leader_sleeps_until_ = std::min(until.moment(), deadline::clock::time_point(machine_.next()));
        held.unlock();
        ready = lines_.wait(keys, deadline(*leader_sleeps_until_));
        held.lock();
        leader_sleeps_until_.reset();
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
    turn(lines_.wait(keys, deadline(std::chrono::nanoseconds(0))));
    give_out(held);
    arrange_service();
}

void pool_core::turn(std::span<const std::uint64_t> ready)
{
    for (const std::uint64_t key : ready) {
        look_at(key);
        carry_out_actions(); // before the next news, or an action may find its worker gone
    }
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
        if (leader_sleeps_until_)
            os::set_event(kick_);
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
    }
    arrange_service();
}

// --- the machine's wishes ---

void pool_core::carry_out_actions()
{
    while (machine_.has_actions())
        for (const action& what : machine_.take_actions())
            carry_out(what);
}

void pool_core::carry_out()
{
    carry_out_actions();
    for (slot& one : slots_)
        if (std::exchange(one.dirty, false))
            flush(one);
}

void pool_core::carry_out(const action& what)
{
    slot& to = slots_[what.worker];
    switch (what.what) {
    case action::kind::start:
        start(what.worker);
        break;
    case action::kind::assign:
        if (!assign(to, what.task))
            machine_.refused(what.worker, what.task, now());
        break;
    case action::kind::revoke:
        machine_.revoked(what.worker, what.task, revoke(to, what.task), now());
        break;
    case action::kind::ask:
        if (to.page) {
            auto& word = to.page->work.stop[job_of(what.task).sequence % worker_words::places];
            word.store(1, std::memory_order_release);
            os::futex_wake_all(word);
        }
        break;
    case action::kind::end:
        if (!end(to, what.task))
            machine_.spared(what.worker, what.task, now());
        break;
    case action::kind::retire:
        to.leaves = true;
        append(to, {0, request_kind::leave}, {});
        break;
    case action::kind::settle:
        settle(what.task, what.how);
        break;
    }
}

worker_start pool_core::words_for(worker_id number, fd line) const
{
    const auto call_of = [](const worker_function& what) -> std::optional<worker_call> {
        if (!what.call)
            return std::nullopt;
        const auto bytes = what.call->arguments.bytes();
        worker_call one{refer_to(what.call->task->run(), what.call->function), {bytes.begin(), bytes.end()}, {}};
        for (const auto& descriptor : what.call->arguments.descriptors())
            one.descriptors.push_back(descriptor->duplicate());
        return one;
    };
    return {std::move(line),
            number,
            settings_.seed,
            settings_.sandbox.has_value(),
            settings_.memory_per_worker != 0,
            call_of(settings_.set_up),
            call_of(settings_.tear_down)};
}

void pool_core::start(worker_id number)
{
    slot& one = slots_[number];
    one = {};
    try {
        auto [ours, theirs] = os::make_byte_line();
        process_options options = settings_.process;
        options.name = settings_.name + " worker " + std::to_string(number);
        options.grace = settings_.grace;
        options.sandbox = settings_.sandbox;
        if (settings_.pin) {
            const auto all = os::usable_processor_numbers();
            options.processors = {all[number % all.size()]};
        }
        auto call = make_launch<false>(fn<&pooling::work>, words_for(number, std::move(theirs)));
        call.signal_mask = signal_mask_;
        one.running = process(std::move(options), std::move(call));
        one.page = control_of(one.running);
        one.line = std::move(ours);
        one.since = deadline::clock::now();
        lines_.add(one.line.get(), line_key(number));
        lines_.add(one.running.native_handle(), end_key(number));
    } catch (const std::exception&) {
        if (one.line)
            lines_.remove(one.line.get());
        if (one.running.joinable())
            end_in_background(std::move(one.running));
        one = {};
        note_failed_start(number, std::current_exception());
    }
}

void pool_core::note_failed_start(worker_id number, std::exception_ptr why)
{
    start_error_ = std::move(why);
    machine_.start_failed(number, now());
}

bool pool_core::assign(slot& to, task_id id)
{
    if (to.out.size() >= most_unsent ||
        (!to.sent.empty() && to.next_sequence - to.sent.front().first >= worker_words::places - 2))
        return false;
    job& what = job_of(id);
    for (; to.codes_told < codes_.size(); ++to.codes_told) {
        const auto bytes = to_bytes(codes_[to.codes_told]);
        append(to, {static_cast<std::uint32_t>(bytes.size()), request_kind::define, 0, to.codes_told}, bytes);
    }
    what.sequence = to.next_sequence++;
    const std::size_t place = what.sequence % worker_words::places;
    to.page->work.revoked[place].store(0, std::memory_order_relaxed); // the line orders it before the task
    to.page->work.stop[place].store(0, std::memory_order_relaxed);
    to.sent.emplace_back(what.sequence, id);
    if (!what.calls) {
        write_task(to, what, what.arguments, 1);
        return true;
    }
    what.arrived = 0;
    std::vector<std::byte> calls;
    for (const std::uint32_t call : what.to_do) {
        const auto& all = what.calls->arguments;
        const std::size_t end = call + 1 < what.calls->offsets.size() ? what.calls->offsets[call + 1] : all.size();
        append_bytes(calls, std::span(all).subspan(what.calls->offsets[call], end - what.calls->offsets[call]));
    }
    write_task(to, what, calls, static_cast<std::uint32_t>(what.to_do.size()));
    return true;
}

void pool_core::write_task(slot& to, job& what, std::span<const std::byte> calls, std::uint32_t count)
{
    request_header header{static_cast<std::uint32_t>(calls.size()), request_kind::task, what.sequence, what.code,
                          count};
    header.descriptors = static_cast<std::uint32_t>(what.descriptors.size());
    header.stream = what.stream;
    if (!what.descriptors.empty())
        to.out_descriptors.emplace_back(to.out.size(), what.descriptors);
    if (what.calls) {
        append(to, header, calls);
        return;
    }
    const auto size = static_cast<std::uint32_t>(calls.size());
    header.bytes += static_cast<std::uint32_t>(sizeof size);
    append(to, header, os::as_part(size));
    append_bytes(to.out, calls);
}

void pool_core::append(slot& to, const request_header& header, std::span<const std::byte> payload)
{
    append_bytes(to.out, os::as_part(header));
    append_bytes(to.out, payload);
    to.dirty = true;
}

// What does not go now goes when there is room, which the set of lines tells.
void pool_core::flush(slot& to)
{
    std::size_t sent = 0;
    while (sent < to.out.size()) {
        std::vector<int> numbers;
        std::size_t end = to.out.size();
        auto& beside = to.out_descriptors;
        const bool with_descriptors = !beside.empty() && beside.front().first == sent;
        if (with_descriptors)
            for (const auto& one : beside.front().second)
                numbers.push_back(one->get());
        if (beside.size() > (with_descriptors ? 1U : 0U))
            end = beside[with_descriptors ? 1 : 0].first;
        const auto went = os::send_some(to.line, std::span(to.out).subspan(sent, end - sent), numbers, false);
        if (went.state == os::line_state::ended) {
            to.out.clear(); // its end will be told
            beside.clear();
            return;
        }
        if (went.bytes == 0)
            break;
        if (with_descriptors)
            beside.erase(beside.begin());
        sent += went.bytes;
    }
    to.out.erase(to.out.begin(), to.out.begin() + static_cast<std::ptrdiff_t>(sent));
    for (auto& one : to.out_descriptors)
        one.first -= sent;
    const auto number = static_cast<worker_id>(&to - slots_.data());
    if (!to.line_ended)
        lines_.set_heeded(to.line.get(), line_key(number), true, !to.out.empty());
}

// See `worker_words` for why this can be trusted.
bool pool_core::revoke(slot& from, task_id id)
{
    if (!from.page)
        return false;
    const std::uint64_t sequence = job_of(id).sequence;
    auto& words = from.page->work;
    words.revoked[sequence % worker_words::places].store(1, std::memory_order_seq_cst);
    if (words.begun.load(std::memory_order_seq_cst) >= sequence)
        return false;
    std::erase_if(from.sent, [&](const auto& one) { return one.second == id; });
    return true;
}

bool pool_core::end(slot& which, task_id because)
{
    if (!which.page)
        return true; // it has gone already
    auto& words = which.page->work;
    if (because != no_task) {
        words.held.store(1, std::memory_order_seq_cst);
        which.begun_when_held = words.begun.load(std::memory_order_seq_cst);
        const auto found =
            std::find_if(which.sent.begin(), which.sent.end(), [&](const auto& one) { return one.second == because; });
        if (found == which.sent.end() || found->first != which.begun_when_held) {
            words.held.store(0, std::memory_order_seq_cst);
            os::futex_wake_all(words.held);
            return false;
        }
        which.held_for = because;
    }
    which.running.kill();
    return true;
}

void pool_core::settle(task_id id, ending how)
{
    job& what = job_of(id);
    if (!what.future)
        return;
    if (what.calls && how == ending::died) {
        deliver(what, {}, {}, false); // the last call without an outcome has had its one
        return;
    }
    const std::string who = what.name.empty() ? name() : "task '" + what.name + "'";
    std::exception_ptr error;
    switch (how) {
    case ending::cancelled:
        error = std::make_exception_ptr(task_cancelled(who + " was cancelled"));
        break;
    case ending::expired:
        error = std::make_exception_ptr(deadline_exceeded(who + " was not done by its deadline"));
        break;
    case ending::no_worker:
        try {
            try {
                std::rethrow_exception(start_error_);
            } catch (...) {
                std::throw_with_nested(worker_failed("no worker of pool '" + settings_.name + "' can be started"));
            }
        } catch (...) {
            error = std::current_exception();
        }
        break;
    case ending::died:
        error = std::make_exception_ptr(process_died(obituary_.front(), who));
        break;
    case ending::quarantined:
        error = std::make_exception_ptr(
            task_quarantined(obituary_.front(), who + ", which has killed too many workers to be tried again"));
        break;
    }
    finished_.push_back({std::move(what.future), std::move(error), false});
    what.future = nullptr; // its number is still needed, if it is in a worker's hands
    what.arguments = {};
    what.descriptors.clear();
}

// --- what workers say ---

void pool_core::read(worker_id number)
{
    slot& from = slots_[number];
    if (!from.page)
        return;
    if (!from.out.empty())
        flush(from);
    if (!read_some(from)) {
        from.line_ended = true;
        lines_.remove(from.line.get()); // its end is told by the other descriptor
    }
    take_results(number);
}

/// Reads what is there. Returns false at the end.
bool pool_core::read_some(slot& from)
{
    const std::size_t before = from.in.size();
    from.in.resize(before + read_at_once);
    const auto got = os::receive_some(from.line, std::span(from.in).subspan(before), from.in_descriptors, false);
    from.in.resize(before + got.bytes);
    return got.state != os::line_state::ended;
}

void pool_core::take_results(worker_id number)
{
    slot& from = slots_[number];
    result_header header;
    for (;;) {
        const std::size_t there = from.in.size() - from.in_begin;
        if (there < sizeof header)
            break;
        std::memcpy(&header, from.in.data() + from.in_begin, sizeof header);
        if (there - sizeof header < header.bytes)
            break;
        const std::span payload(from.in.data() + from.in_begin + sizeof header, header.bytes);
        from.in_begin += sizeof header + header.bytes;
        take_result(number, header, payload);
    }
    from.in.erase(from.in.begin(), from.in.begin() + static_cast<std::ptrdiff_t>(from.in_begin));
    from.in_begin = 0;
}

void pool_core::take_result(worker_id number, const result_header& header, std::span<const std::byte> payload)
{
    slot& from = slots_[number];
    switch (header.kind) {
    case result_kind::ready:
        from.ready = true;
        record_.worker_started(number, from.running.id(), from.since);
        machine_.started(number, now());
        return;
    case result_kind::set_up_threw:
        from.set_up_error = read_error(payload);
        return; // its end follows
    case result_kind::skipped:
        // What was surely not begun has been taken out of the list already.
        if (!from.sent.empty() && from.sent.front().first == header.sequence) {
            const task_id id = from.sent.front().second;
            from.sent.pop_front();
            machine_.skipped(number, id, now());
        }
        return;
    case result_kind::returned:
    case result_kind::threw:
        if (!from.sent.empty() && from.sent.front().first == header.sequence)
            take_outcome(number, from.sent.front().second, header, payload);
        return;
    }
}

bool pool_core::is_fit_for_retry(const job& what, const result_header& header, std::span<const std::byte> payload)
{
    if (header.kind != result_kind::threw || what.options.retry.times == 0)
        return false;
    return !what.options.retry.when || what.options.retry.when(read_error(payload));
}

void pool_core::take_outcome(worker_id number, task_id id, const result_header& header,
                             std::span<const std::byte> payload)
{
    slot& from = slots_[number];
    job& what = job_of(id);
    const std::chrono::nanoseconds took(header.took);
    std::vector<fd> descriptors;
    for (std::uint32_t i = 0; i < header.descriptors && !from.in_descriptors.empty(); ++i) {
        descriptors.push_back(std::move(from.in_descriptors.front()));
        from.in_descriptors.pop_front();
    }
    record_.task_finished(number, what.name, record::time(std::chrono::nanoseconds(header.began)), took);
    what.took += took;
    std::vector<std::byte> bytes(payload.begin(), payload.end());
    const bool threw = header.kind == result_kind::threw;
    if (what.calls) {
        if (what.arrived >= what.to_do.size())
            return; // a worker that says more than it was asked is not believed
        auto& outcome = what.outcomes[what.to_do[what.arrived]];
        outcome.what = answer{std::move(bytes), std::move(descriptors)};
        outcome.threw = threw;
        if (++what.arrived < what.to_do.size())
            return;
    }
    from.sent.pop_front();
    const bool worn = settings_.memory_per_worker != 0 && header.peak_memory != 0 &&
                      (std::uint64_t{header.peak_memory} << 20) > settings_.memory_per_worker;
    const bool fit = !what.calls && is_fit_for_retry(what, header, payload);
    // The machine may give the place to no other before this returns.
    if (machine_.finished(number, id, fit, worn, what.calls ? what.took : took, now()) == verdict::deliver)
        deliver(what, std::move(bytes), std::move(descriptors), threw);
}

void pool_core::deliver(job& of, std::vector<std::byte>&& bytes, std::vector<fd>&& descriptors, bool threw)
{
    if (of.calls)
        finished_.push_back({std::move(of.future), batch_outcome{std::move(of.outcomes), of.took}, false});
    else
        finished_.push_back({std::move(of.future), answer{std::move(bytes), std::move(descriptors)}, threw});
    of = {};
}

task_id pool_core::begun_by(const slot& dead) const
{
    if (dead.held_for != no_task)
        return dead.held_for;
    const std::uint64_t begun = dead.page->work.begun.load(std::memory_order_acquire);
    for (const auto& [sequence, id] : dead.sent)
        if (sequence == begun)
            return id;
    return no_task;
}

// A worker has ended. What it had said before is taken first.
void pool_core::bury(worker_id number)
{
    slot& dead = slots_[number];
    if (!dead.page)
        return;
    while (!dead.line_ended) {
        dead.line_ended = !read_some(dead);
        take_results(number);
    }
    carry_out_actions();
    const exit_status status = dead.running.join();
    task_id begun = begun_by(dead);
    lines_.remove(dead.running.native_handle());
    std::exception_ptr why = dead.set_up_error ? dead.set_up_error : status.error();
    if (!why)
        why = std::make_exception_ptr(process_died(status, dead.running.name()));
    const bool was_ready = dead.ready;
    if (was_ready)
        record_.worker_ended(number, !dead.leaves && dead.held_for == no_task);
    if (begun != no_task)
        begun = take_death_of_call(dead, begun, status);
    dead = {};
    obituary_.assign(1, status);
    if (was_ready)
        machine_.ended(number, begun, now());
    else
        note_failed_start(number, std::move(why));
    carry_out_actions();
    obituary_.clear();
}

// Of several calls that were one task, the death is the outcome of one; the task goes on with those that have none yet.
// Returns the task that has ended by it, if one has.
task_id pool_core::take_death_of_call(const slot& dead, task_id begun, const exit_status& status)
{
    job& what = job_of(begun);
    if (!what.calls || !what.future)
        return begun;
    const std::uint32_t at = dead.page->work.item.load(std::memory_order_acquire);
    if (at < what.to_do.size())
        if (auto& outcome = what.outcomes[what.to_do[at]].what; std::holds_alternative<std::monostate>(outcome))
            outcome = std::make_exception_ptr(process_died(status, name()));
    std::erase_if(what.to_do, [&](std::uint32_t call) {
        return !std::holds_alternative<std::monostate>(what.outcomes[call].what);
    });
    return what.to_do.empty() ? begun : no_task;
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
