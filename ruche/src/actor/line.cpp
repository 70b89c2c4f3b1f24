#include "actor/line.hpp"

#include "os/family.hpp"
#include "thrown.hpp"

#include <ruche/exception.hpp>

#include <array>
#include <chrono>

namespace ruche::detail {

namespace {

using namespace std::chrono_literals;

std::exception_ptr died(const exit_status& status, const std::string& name)
{
    return std::make_exception_ptr(process_died(status, name));
}

} // namespace

actor_line::actor_line(fd socket, std::string name) :
    socket_(std::move(socket)), name_(std::move(name)), owner_(os::current_process_id())
{}

actor_line::~actor_line()
{
    if (ticket_ != 0 && owner_ == os::current_process_id())
        service::instance().forget(ticket_);
}

// --- calls

bool actor_line::send(call_kind kind, const actor_task& call, const std::shared_ptr<future_core>& answer,
                      const deadline& until)
{
    if (answer)
        make_room(until);
    if (!sending_.try_lock_until(until.moment()))
        throw deadline_exceeded(name_ + " was not called in time, since others were calling");
    const std::lock_guard<turn> in_order(sending_, std::adopt_lock);
    const std::uint64_t number = ++last_number_;
    {
        const std::scoped_lock lock(mutex_);
        if (broken_)
            return false;
        if (answer)
            unanswered_.emplace(number, answer);
    }
    bool sent = false;
    try {
        sent = send_on_line(socket_, call_header{number, kind, 0, location(call)}, call.arguments.bytes(),
                            call.arguments.descriptors(), inline_call, until);
    } catch (...) {
        (void)forget(number);
        throw;
    }
    if (!sent)
        (void)forget(number);
    return sent;
}

bool actor_line::send(call_kind kind, std::span<const std::shared_ptr<const fd>> descriptors, const actor_task& call)
{
    const std::lock_guard<turn> in_order(sending_);
    const std::uint64_t number = ++last_number_;
    return send_on_line(socket_, call_header{number, kind, 0, location(call)}, call.arguments.bytes(), descriptors,
                        inline_call, deadline::never());
}

// Finding it out means to go through the loaded modules, so that is done once.
const os::code_location& actor_line::location(const actor_task& call)
{
    const auto [place, is_new] = locations_.try_emplace(call.task);
    if (is_new && call.task)
        place->second = locate_task(*call.task);
    return place->second;
}

void actor_line::make_room(const deadline& until)
{
    {
        const std::scoped_lock lock(mutex_);
        if (unanswered_.size() < most_unanswered)
            return;
    }
    bool has_room = false;
    read_until([&] { return has_room = broken_ || unanswered_.size() < most_unanswered; }, until);
    if (!has_room)
        throw deadline_exceeded(name_ + " has too many calls to answer to take another in time");
}

std::shared_ptr<future_core> actor_line::forget(std::uint64_t number)
{
    const std::scoped_lock lock(mutex_);
    const auto found = unanswered_.find(number);
    if (found == unanswered_.end())
        return nullptr;
    auto core = std::move(found->second);
    unanswered_.erase(found);
    return core;
}

// --- answers

// Returns false if the deadline passed.
bool actor_line::read_one(const deadline& until)
{
    line_message<reply_header> reply;
    switch (receive_on_line(socket_, reply, until)) {
    case arrival::message:
        take(std::move(reply));
        return true;
    case arrival::hung_up:
        break_off();
        return true;
    case arrival::nothing:
        break;
    }
    return false;
}

void actor_line::take(line_message<reply_header>&& reply)
{
    if (reply.header.kind == reply_kind::hello || reply.header.kind == reply_kind::others) {
        const std::scoped_lock lock(mutex_);
        if (reply.header.kind == reply_kind::others)
            others_ = true;
        greeted_ = true;
        if (!reply.descriptors.empty())
            process_ = std::move(reply.descriptors.front());
        changed_.notify_all();
        return;
    }
    if (reply.header.kind == reply_kind::ended) {
        const std::scoped_lock lock(mutex_);
        end_ = exit_status::exited(0);
        others_ = reply.header.number > 0;
        changed_.notify_all();
        return;
    }
    const auto core = forget(reply.header.number);
    if (!core) {
        if (reply.header.number == 0 && reply.header.kind == reply_kind::threw)
            take_refusal(std::move(reply));
        return;
    }
    answer encoded{std::move(reply.bytes), std::move(reply.descriptors)};
    if (reply.header.kind == reply_kind::threw)
        core->settle_with_told_error(std::move(encoded));
    else
        core->settle_with_answer(std::move(encoded));
    wake_sleepers();
}

void actor_line::take_refusal(line_message<reply_header>&& reply)
{
    source encoded(reply.bytes, std::move(reply.descriptors));
    std::vector<os::code_location> thrown_at;
    auto error = decode_thrown(encoded, thrown_at);
    const std::scoped_lock lock(mutex_);
    refused_ = std::move(error);
}

void actor_line::wake_sleepers()
{
    const std::scoped_lock lock(mutex_);
    if (sleepers_ > 0)
        changed_.notify_all();
}

void actor_line::break_off()
{
    const exit_status how = end();
    std::map<std::uint64_t, std::shared_ptr<future_core>> lost;
    {
        const std::scoped_lock lock(mutex_);
        broken_ = true;
        lost.swap(unanswered_);
    }
    for (const auto& [number, core] : lost)
        core->settle(died(how, name_));
    wake_sleepers();
}

bool actor_line::is_broken()
{
    const std::scoped_lock lock(mutex_);
    return broken_;
}

exit_status actor_line::end()
{
    std::function<exit_status()> ask;
    int process = -1;
    {
        const std::scoped_lock lock(mutex_);
        if (end_)
            return *end_;
        ask = ask_;
        process = process_.get();
    }
    exit_status how = exit_status::ended_untold();
    if (ask) {
        how = ask();
    } else if (process >= 0) {
        // The kernel tells how it ended once it was reaped (Linux 6.15), which is as good as now.
        (void)os::wait_readable(process, deadline(1s));
        (void)os::wait_hung_up(process, deadline(20ms));
        if (const auto status = os::wait_status_after_reaping(process_))
            how = os::read_wait_status(*status, {});
    }
    const std::scoped_lock lock(mutex_);
    end_ = how;
    return how;
}

void actor_line::tell_end_by(std::function<exit_status()> ask)
{
    const std::scoped_lock lock(mutex_);
    ask_ = std::move(ask);
}

bool actor_line::wait_for_hello(const deadline& until)
{
    read_until([this] { return greeted_ || broken_; }, until);
    const std::scoped_lock lock(mutex_);
    return greeted_;
}

std::exception_ptr actor_line::wait_for_error_or_hello()
{
    read_until([this] { return greeted_ || broken_ || refused_; }, deadline::never());
    const std::scoped_lock lock(mutex_);
    return greeted_ ? nullptr : refused_ ? refused_ : died(end_.value_or(exit_status::ended_untold()), name_);
}

std::optional<bool> actor_line::wait_for_others(const deadline& until)
{
    read_until([this] { return others_ || broken_; }, until);
    const std::scoped_lock lock(mutex_);
    return others_ ? others_ : broken_ ? std::optional(false) : std::nullopt;
}

// --- who reads

// Waits until it is enough, which is asked with the lock held: reads in this thread if nobody else does.
void actor_line::read_until(const std::function<bool()>& enough, const deadline& until)
{
    std::unique_lock lock(mutex_);
    while (reader_ != reader::none && !enough() && !until.passed()) {
        ++sleepers_;
        if (until.is_never())
            changed_.wait(lock);
        else
            (void)changed_.wait_until(lock, until.moment());
        --sleepers_;
    }
    if (reader_ == reader::none && !enough() && !broken_) {
        reader_ = reader::thread;
        bool in_time = true;
        while (in_time && !enough() && !broken_) {
            lock.unlock();
            in_time = read_one(until);
            lock.lock();
        }
        reader_ = reader::none;
    }
    hand_over();
}

// With the lock held: somebody else reads on, if anybody waits.
void actor_line::hand_over()
{
    if (reader_ != reader::none)
        return;
    if (sleepers_ > 0)
        changed_.notify_all();
    else if (watched_ && !unanswered_.empty())
        let_service_read();
}

void actor_line::wait(future_core& core, const wait_bounds& bounds)
{
    if (bounds.stop) { // which can't be seen while reading
        watch(core);
        (void)core.sleep(bounds);
    } else {
        read_until([&] { return core.settled(); }, bounds.until);
    }
}

void actor_line::watch(future_core&)
{
    const std::scoped_lock lock(mutex_);
    watched_ = true;
    if (reader_ == reader::none && !unanswered_.empty())
        let_service_read();
}

void actor_line::cancel(future_core& core)
{
    core.settle(std::make_exception_ptr(task_cancelled("a call of " + name_ + " was cancelled")));
}

// With the lock held.
void actor_line::let_service_read()
{
    reader_ = reader::service;
    if (ticket_ != 0) {
        service::instance().set_heeded(ticket_, true);
        return;
    }
    ticket_ = service::instance().watch(socket_.get(), [weak = weak_from_this()] {
        if (const auto still = weak.lock())
            still->service_reads();
    });
}

void actor_line::service_reads()
{
    {
        const std::scoped_lock lock(mutex_);
        if (reader_ != reader::service)
            return;
    }
    (void)read_one(deadline(0ns));
    const std::scoped_lock lock(mutex_);
    if (reader_ == reader::service && (unanswered_.empty() || broken_)) {
        reader_ = reader::none;
        watched_ = false;
        service::instance().set_heeded(ticket_, false);
        hand_over();
    }
}

} // namespace ruche::detail
