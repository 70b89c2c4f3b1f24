#include "os/futex.hpp"
#include "os/processors.hpp"
#include "os/socket.hpp"
#include "pool/core.hpp"
#include "pool/outcome.hpp"

#include <ruche/fn.hpp>

#include <algorithm>

/// What a pool does with its workers: the machine's wishes, carried out.
namespace ruche::detail {

using namespace pooling;

namespace {

/// A worker that hasn't taken this many bytes yet gets no further task.
constexpr std::size_t most_unsent = 256 * 1024;

void append_bytes(std::vector<std::byte>& to, std::span<const std::byte> bytes)
{
    to.insert(to.end(), bytes.begin(), bytes.end());
}

} // namespace

void pool_core::carry_out_actions()
{
    while (machine_.has_actions())
        for (const action& what : machine_.take_actions())
            carry_out(what);
}

void pool_core::carry_out()
{
    carry_out_actions();
    for (const worker_id number : dirty_) {
        slots_[number].dirty = false;
        flush(slots_[number]);
    }
    dirty_.clear();
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

worker_start pool_core::words_for(worker_id number, line_end line) const
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
            settings_.memory_per_worker != 0,
            call_of(settings_.set_up),
            call_of(settings_.tear_down)};
}

void pool_core::start(worker_id number)
{
    slot& one = slots_[number];
    one = {};
    try {
        auto [ours, theirs] = make_line(settings_.sandbox.has_value(), lines_, line_key(number));
        ours->arm(); // whoever looks at the lines may be asleep
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
        lines_.add(one.running.native_handle(), end_key(number));
    } catch (const std::exception&) {
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
    if (!what.descriptors.empty() && !send_descriptors(to, what))
        return false;
    for (; to.codes_told < codes_.size(); ++to.codes_told) {
        const auto bytes = to_bytes(codes_[to.codes_told]);
        append(to, {static_cast<std::uint32_t>(bytes.size()), request_kind::define, 0, to.codes_told}, bytes);
    }
    what.sequence = to.next_sequence++;
    const std::size_t place = what.sequence % worker_words::places;
    to.page->work.revoked[place].store(0, std::memory_order_relaxed); // the line orders it before the task
    to.page->work.stop[place].store(0, std::memory_order_relaxed);
    to.sent.emplace_back(what.sequence, id);
    if (what.calls)
        write_calls(to, what);
    else
        write_call(to, what);
    return true;
}

bool pool_core::send_descriptors(slot& to, const job& of)
{
    std::vector<int> numbers;
    for (const auto& one : of.descriptors)
        numbers.push_back(one->get());
    return to.line->send_descriptors(numbers);
}

request_header pool_core::header_of(const job& what, std::size_t bytes, std::size_t calls)
{
    request_header header{static_cast<std::uint32_t>(bytes), request_kind::task, what.sequence, what.code,
                          static_cast<std::uint32_t>(calls)};
    header.descriptors = static_cast<std::uint32_t>(what.descriptors.size());
    header.stream = what.stream;
    return header;
}

void pool_core::write_call(slot& to, const job& what)
{
    const auto size = static_cast<std::uint32_t>(what.arguments.size());
    append(to, header_of(what, sizeof size + size, 1), os::as_part(size));
    append_bytes(to.out, what.arguments);
}

// Those of several calls that have no outcome yet.
void pool_core::write_calls(slot& to, job& what)
{
    what.arrived = 0;
    const auto& all = what.calls->arguments;
    const auto& offsets = what.calls->offsets;
    std::vector<std::byte> calls;
    for (const std::uint32_t call : what.to_do) {
        const std::size_t end = call + 1 < offsets.size() ? offsets[call + 1] : all.size();
        append_bytes(calls, std::span(all).subspan(offsets[call], end - offsets[call]));
    }
    append(to, header_of(what, calls.size(), what.to_do.size()), calls);
}

void pool_core::append(slot& to, const request_header& header, std::span<const std::byte> payload)
{
    append_bytes(to.out, os::as_part(header));
    append_bytes(to.out, payload);
    if (!std::exchange(to.dirty, true))
        dirty_.push_back(static_cast<worker_id>(&to - slots_.data()));
}

// What does not go now goes when there is room, which the set of lines tells.
void pool_core::flush(slot& to)
{
    if (!to.line)
        return; // it has ended meanwhile
    if (somebody_sleeps())
        to.line->arm(); // before it can have an answer
    const std::size_t sent = to.line->send(to.out);
    to.out.erase(to.out.begin(), to.out.begin() + static_cast<std::ptrdiff_t>(sent));
    to.line->want_room(!to.out.empty());
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
    const circumstances why{settings_.name, what.name, start_error_, obituary_.empty() ? nullptr : &obituary_.front()};
    finish(std::move(what.future), failure(how, why));
    what.future = nullptr; // its number is still needed, if it is in a worker's hands
    what.arguments = {};
    what.descriptors.clear();
}

} // namespace ruche::detail
