#include "pool/core.hpp"
#include "thrown.hpp"

#include <cstring>

/// What a pool hears of its workers: results, and deaths.
namespace ruche::detail {

using namespace pooling;

namespace {

/// A buffer that has grown larger is given back when it is empty.
constexpr std::size_t most_kept = std::size_t{1} << 20;

std::exception_ptr read_error(std::span<const std::byte> bytes)
{
    source encoded(bytes);
    std::vector<os::code_location> thrown_at;
    return decode_thrown(encoded, thrown_at);
}

} // namespace

void pool_core::hear_news()
{
    for (worker_id number = 0; number < slots_.size(); ++number) {
        if (!slots_[number].expects_news() || !slots_[number].line->has_news())
            continue;
        read(number);
        carry_out_actions(); // before the next news, or an action may find its worker gone
    }
}

void pool_core::read(worker_id number)
{
    slot& from = slots_[number];
    if (!from.page)
        return;
    if (!from.out.empty())
        flush(from);
    if (!from.line->receive(from.in)) {
        from.line_ended = true;
        from.running.kill(); // if it hasn't ended, it has spoilt what it shares with us
    }
    take_results(number);
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
    if (from.in.empty() && from.in.capacity() > most_kept)
        from.in = {};
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
    if (header.descriptors > 0)
        from.line->receive_descriptors(header.descriptors, descriptors);
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
        finish(std::move(of.future), batch_outcome{std::move(of.outcomes), of.took});
    else
        finish(std::move(of.future), answer{std::move(bytes), std::move(descriptors)}, threw);
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
    for (bool more = !dead.line_ended; more;) {
        const std::size_t before = dead.in.size();
        more = dead.line->receive(dead.in) && dead.in.size() > before;
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

} // namespace ruche::detail
