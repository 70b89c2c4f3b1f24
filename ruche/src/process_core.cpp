#include "process_core.hpp"

#include "describe.hpp"
#include "last_word.hpp"
#include "os/family.hpp"
#include "os/memory_shortage.hpp"
#include "os/poll.hpp"
#include "os/stream.hpp"
#include "os/wait_note.hpp"
#include "process_cores.hpp"
#include "thrown.hpp"

#include <ruche/exception.hpp>
#include <ruche/wire.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <new>
#include <span>

namespace ruche::detail {

namespace {

// How much of what a process last wrote to a captured standard error is kept.
constexpr std::size_t most_last_words = 4096;

bool is_bad_alloc(const std::exception_ptr& error)
{
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const std::bad_alloc&) {
        return true;
    } catch (...) {
        return false; // any other
    }
    return false;
}

} // namespace

process_core::process_core() { process_cores::instance().add(*this); }
process_core::~process_core() { process_cores::instance().remove(*this); }

void process_core::take_start()
{
    // The process runs at once, so what it reports may come before the server says that it has started.
    while (!process) {
        bool ended = false;
        auto arrived = next_report(lifeline.get(), ended);
        if (!arrived) {
            server_link::instance().lose(server);
            throw start_failed(ECONNRESET, "start process '" + name + "': the fork server ended before it had done so");
        }
        if (arrived->header.kind == lifeline_kind::failed)
            throw start_failure(*arrived);
        if (arrived->header.kind == lifeline_kind::started && !arrived->descriptors.empty()) {
            id = arrived->header.value;
            process = std::move(arrived->descriptors.front());
            started.store(true, std::memory_order_release);
        } else {
            take(std::move(*arrived));
        }
    }
}

void process_core::take_ready()
{
    while (!ready && !status) {
        if (auto arrived = next_word())
            take(std::move(*arrived));
        else if (!status) {
            server_link::instance().lose(server);
            throw start_failed(ECONNRESET, "start process '" + name + "': the fork server ended while it was set up");
        }
    }
    if (ready)
        return;
    if (error)
        std::rethrow_exception(error);
    throw start_failed(ECANCELED,
                       "start process '" + name + "': it ended while it was set up (" + status->describe() + ")");
}

// A sandboxed process speaks on a line of its own; when that ends, the lifeline tells why.
std::optional<lifeline_report> process_core::next_word()
{
    bool ended = false;
    if (!box)
        return next_report(lifeline.get(), ended);
    auto arrived = box->ends.next(ended);
    if (ended)
        (void)wait(deadline::never());
    return arrived;
}

// What it says there after it has started is taken once it has ended, and of that an answer or an error only.
void process_core::take_last_words()
{
    bool ended = false;
    for (int word = 0; word < 2; ++word) { // an answer, and the error that came after it; more is not listened to
        auto arrived = box->ends.next(ended, deadline(std::chrono::nanoseconds(0)));
        if (arrived &&
            (arrived->header.kind == lifeline_kind::returned || arrived->header.kind == lifeline_kind::threw))
            take(std::move(*arrived));
    }
}

start_failed process_core::start_failure(const lifeline_report& failure) const
{
    const std::string step(reinterpret_cast<const char*>(failure.payload.data()), failure.payload.size());
    return {failure.header.value, "start process '" + name + "': " + step};
}

void process_core::take(lifeline_report&& arrived)
{
    switch (arrived.header.kind) {
    case lifeline_kind::threw:
        take_exception(std::move(arrived));
        break;
    case lifeline_kind::failed:
        error = std::make_exception_ptr(start_failure(arrived));
        break;
    case lifeline_kind::returned:
        result = answer{std::move(arrived.payload), std::move(arrived.descriptors), arrived.header.payload_apart == 2};
        if (!arrived.packed.bytes().empty()) {
            result->in_place = arrived.packed.bytes();
            result->memory = std::make_shared<os::memory_view>(std::move(arrived.packed));
        }
        break;
    case lifeline_kind::ended:
        status = obituary(arrived.header);
        break;
    case lifeline_kind::ready:
        if (box)
            box->walls.set_state(from_bytes<sandbox::report::state>(arrived.payload));
        ready = true;
        break;
    case lifeline_kind::started:
        break;
    }
}

exit_status process_core::obituary(const lifeline_header& end) const
{
    auto told = os::read_wait_status(end.value, {end.peak_memory, std::chrono::microseconds(end.user_microseconds),
                                                 std::chrono::microseconds(end.system_microseconds)});
    auto shortage = static_cast<os::shortage>(end.short_of_memory);
    if (shortage == os::shortage::of_the_machine && killed)
        shortage = os::shortage::none; // that was us
    if (shortage != os::shortage::none || is_bad_alloc(error))
        told = told.with_out_of_memory(shortage != os::shortage::of_the_machine);
    if (!told.success() && captured[2])
        told = told.with_last_words(os::last_unread(captured[2], most_last_words));
    return told;
}

void process_core::take_exception(lifeline_report&& arrived)
{
    source encoded(arrived.payload, std::move(arrived.descriptors));
    error = decode_thrown(encoded, thrown_at);
}

std::optional<lifeline_report> process_core::next(bool& ended, const deadline& until)
{
    if (!forked)
        return next_report(lifeline.get(), ended, until);
    // What it has forked by hand may hold its end of the lifeline open, so the end of that tells nothing.
    for (;;) {
        const auto [speaks, gone] =
            os::poll_readable(std::array{line_ended ? -1 : lifeline.get(), process.get()}, until);
        ended = gone && !speaks;
        if (!speaks)
            return std::nullopt;
        if (auto arrived = next_report(lifeline.get(), line_ended, deadline(std::chrono::nanoseconds(0))))
            return arrived;
    }
}

// The host may have reaped it, or have told the kernel that it will not; then others know.
exit_status process_core::end_of_forked() const
{
    lifeline_header end{lifeline_kind::ended};
    if (const auto reaped = os::reap(process)) {
        end.value = reaped->wait_status;
        end.peak_memory = reaped->used.peak_memory;
        end.user_microseconds = reaped->used.user_time.count();
        end.system_microseconds = reaped->used.system_time.count();
    } else if (const auto known = os::wait_status_after_reaping(process)) {
        end.value = *known;
    } else if (const auto said = control->end.load(std::memory_order_acquire)) {
        end.value = static_cast<int>(said & 0xFF) << 8;
    } else if (const auto signal = control->crash.signal.load(std::memory_order_acquire)) {
        end.value = static_cast<int>(signal);
    } else {
        return exit_status::ended_untold();
    }
    return obituary(end);
}

void process_core::take_forked_start(int child)
{
    bool ended = false;
    auto arrived = next_report(lifeline.get(), ended);
    if (arrived && arrived->header.kind == lifeline_kind::started && !arrived->descriptors.empty()) {
        id = child;
        process = std::move(arrived->descriptors.front());
        started.store(true, std::memory_order_release);
        return;
    }
    os::wait_for_child(child);
    if (arrived)
        throw start_failure(*arrived);
    throw start_failed(ECANCELED, "start process '" + name + "': it ended while it was set up");
}

std::optional<exit_status> process_core::wait(const deadline& until)
{
    std::unique_lock lock(mutex, std::defer_lock);
    if (until.is_never())
        lock.lock();
    else if (!lock.try_lock_until(until.moment()))
        return std::nullopt;
    while (!status) {
        const os::wait_note note(os::wait_kind::process, static_cast<std::uint64_t>(id));
        bool ended = false;
        if (!forked)
            orderly_end::wait(lifeline.get(), until);
        auto arrived = next(ended, until);
        if (arrived)
            take(std::move(*arrived));
        else if (ended && forked)
            status = end_of_forked();
        else if (ended)
            take_loss();
        else
            return std::nullopt;
        if (status && box)
            take_last_words();
        if (status && error)
            status = status->with_error(error, std::as_bytes(std::span(thrown_at)));
        else if (status)
            add_crash_report();
    }
    return status;
}

void process_core::take_loss()
{
    server_link::instance().lose(server);
    status = exit_status::server_lost();
}

// The process wrote these words, so nothing of them is believed that could do harm: the count is bounded, and an
// address that names no code of ours is shown as a number.
void process_core::add_crash_report()
{
    const auto& crash = control->crash;
    if (status->signal() == static_cast<int>(crash.signal.load(std::memory_order_acquire))) {
        const bool touched = status->signal() == SIGSEGV || status->signal() == SIGBUS;
        status = status->with_crash(touched ? std::optional<std::uintptr_t>(crash.address) : std::nullopt,
                                    std::as_bytes(crash.stack.view()));
    }
    if (box)
        status = explain(*status, *box, crash);
}

void process_core::close_captured()
{
    for (auto& stream : captured) {
        stopped_reading = stopped_reading || stream;
        stream.reset();
    }
}

void process_core::print_if_unseen()
{
    if (stopped_reading && status && status->signal() == SIGPIPE)
        return;
    std::string what;
    if (error && !(status && status->error_seen()))
        what = describe_exception(error);
    else if (status && !looked_at && !error && !(orderly && orderly->insisted()) &&
             (status->signal() || status->lost()))
        what = status->describe() + (status->stack().empty() ? "" : "\n" + status->stack());
    if (!what.empty() && may_say_a_last_word())
        os::say("ruche: process '" + name + "' (" + std::to_string(id) + "): " + what + "\n");
}

} // namespace ruche::detail
