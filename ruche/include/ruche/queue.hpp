#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/queue_core.hpp>
#include <ruche/detail/queue_messages.hpp>
#include <ruche/lease.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace ruche {

/// How much a queue holds. Sizes are rounded up to powers of two, of a page at least.
struct queue_options {
    /// Memory for items; each takes its bytes on the wire and 16 more. It is reserved when the queue is made.
    std::size_t bytes = std::size_t{256} * 1024;

    /// How many items may wait at most; 0: as many as there is memory for.
    std::size_t items = 0;

    /// Memory for items that are too large for `bytes` (more than a quarter of it, or than 64 KiB); also the size of
    /// the largest item. It is reserved when first needed.
    std::size_t large_bytes = std::size_t{64} * 1024 * 1024;

    /// What `ruche-inspect` and /proc/PID/fd call it; up to 200 bytes of it.
    std::string name = {};
};

/// A bounded, first-in first-out queue of `T`, in memory shared by the processes that hold it.
///
///     ruche::queue<int> answers;
///     ruche::process worker([](ruche::queue<int> out) { out.push(6 * 7); }, answers);
///     std::cout << answers.pop().value();                   // prints 42
///
/// A queue is a handle: copies, and what another process receives when it is sent one, are the same queue, and compare
/// equal. Its memory has no name and is freed with its last handle. A moved-from handle refers to nothing, and throws
/// `std::logic_error` when used.
///
/// Waiting calls come in four forms: `x` waits for as long as it takes, `try_x` not at all, `x_for` and `x_until` for
/// so long. Most take a stop token, too: a requested stop ends the wait at once, and wins over items that wait. What
/// ended without an item is a value (`false`, an empty `optional`), never an exception. While no call has to wait, none
/// enters the kernel.
///
/// Thread safety: all members may be called from any thread.
/// Across processes: any number may push and pop at once; all see the items in one order. What a process wrote before
///   `push` is visible to the process whose `pop` returns that item.
/// If a process dies inside a call: its item was added or taken whole or not at all, and nobody else is held up for
/// more
///   than 100 ms. What it had popped is gone with it, save under a lease (`pop_lease`).
template <class T>
class queue {
public:
    using value_type = T;

    /// Makes a new queue. Throws: `os_error` if there is no memory for it.
    queue() : queue(queue_options{}) {}
    explicit queue(const queue_options& options) : core_(make(options)) {}

    // ---- adding

    /// Adds `value`, waiting for room.
    /// Throws: `queue_closed` once any process has called `close`; `too_large`; `os_error` if the machine has no memory
    ///   left for a large item; what encoding throws. The item was not added then.
    void push(const T& value) { put(value, {}); }

    /// The same; returns false if the stop was requested before it was added.
    [[nodiscard]] bool push(const T& value, const stop_token& stop) { return put(value, {{}, &stop}); }

    [[nodiscard]] bool try_push(const T& value) { return put(value, detail::wait_bounds::none()); }

    [[nodiscard]] bool push_for(const T& value, std::chrono::nanoseconds patience)
    {
        return put(value, {deadline(patience), nullptr});
    }
    [[nodiscard]] bool push_for(const T& value, std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return put(value, {deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] bool push_until(const T& value, std::chrono::time_point<Clock, Duration> moment)
    {
        return put(value, {deadline(moment), nullptr});
    }

    /// Adds `T(arguments...)`, waiting for room. Throws: as `push`.
    template <class... Arguments>
    void emplace(Arguments&&... arguments)
    {
        push(T(std::forward<Arguments>(arguments)...));
    }

    /// Adds all values in their order, in one step if there is room for all, else in as few as possible; others' items
    /// come before, between the steps or after. Several times faster than one by one.
    /// Throws: as `push`, with what went in before left in.
    template <std::ranges::input_range Range>
    void push_range(Range&& values)
    {
        (void)put_range(values, {});
    }
    /// The same; returns how many were added before the stop.
    template <std::ranges::input_range Range>
    [[nodiscard]] std::size_t push_range(Range&& values, const stop_token& stop)
    {
        return put_range(values, {{}, &stop});
    }

    // ---- taking

    /// The oldest item, waiting for one; empty once the queue is closed and drained (and nobody else holds a lease).
    /// Throws: `bad_message` if the item is none (another program wrote to the memory), what decoding throws.
    std::optional<T> pop() { return take({}); }

    /// The same; empty, too, once a stop is requested.
    [[nodiscard]] std::optional<T> pop(const stop_token& stop) { return take({{}, &stop}); }
    [[nodiscard]] std::optional<T> try_pop() { return take(detail::wait_bounds::none()); }
    [[nodiscard]] std::optional<T> pop_for(std::chrono::nanoseconds patience)
    {
        return take({deadline(patience), nullptr});
    }
    [[nodiscard]] std::optional<T> pop_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return take({deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<T> pop_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return take({deadline(moment), nullptr});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<T> pop_until(std::chrono::time_point<Clock, Duration> moment, const stop_token& stop)
    {
        return take({deadline(moment), &stop});
    }

    /// Up to `most` items at once, waiting for the first; none if `pop` would be empty.
    [[nodiscard]] std::vector<T> pop_some(std::size_t most) { return take_some(most, {}); }
    [[nodiscard]] std::vector<T> pop_some(std::size_t most, const stop_token& stop)
    {
        return take_some(most, {{}, &stop});
    }

    /// The oldest item, to be given back unless `done` is called: see `lease`. A process may hold about a thousand.
    [[nodiscard]] std::optional<lease<T>> pop_lease() { return take_lease({}); }
    [[nodiscard]] std::optional<lease<T>> pop_lease(const stop_token& stop) { return take_lease({{}, &stop}); }
    [[nodiscard]] std::optional<lease<T>> try_pop_lease() { return take_lease(detail::wait_bounds::none()); }
    [[nodiscard]] std::optional<lease<T>> pop_lease_for(std::chrono::nanoseconds patience)
    {
        return take_lease({deadline(patience), nullptr});
    }
    [[nodiscard]] std::optional<lease<T>> pop_lease_for(std::chrono::nanoseconds patience, const stop_token& stop)
    {
        return take_lease({deadline(patience), &stop});
    }
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<lease<T>> pop_lease_until(std::chrono::time_point<Clock, Duration> moment)
    {
        return take_lease({deadline(moment), nullptr});
    }

    /// Waits until no item waits and no lease is held: everything that was pushed has been dealt with.
    void wait_until_done() { (void)detail::wait_until_done(core(), {}); }
    /// The same; returns false if the stop came first.
    [[nodiscard]] bool wait_until_done(const stop_token& stop) { return detail::wait_until_done(core(), {{}, &stop}); }
    [[nodiscard]] bool wait_until_done_for(std::chrono::nanoseconds patience)
    {
        return detail::wait_until_done(core(), {deadline(patience), nullptr});
    }

    // ---- the end, and what one can ask

    /// Refuses further items, for all handles; what waits can still be popped. Waiting calls end.
    void close() { detail::close(core()); }
    [[nodiscard]] bool is_closed() const { return detail::is_closed(core()); }

    /// How many items wait now; those under a lease are not counted.
    [[nodiscard]] std::size_t size() const { return detail::size(core()); }
    [[nodiscard]] bool empty() const { return detail::empty(core()); }

    /// A descriptor for poll, epoll and event loops: readable while an item waits or the queue is closed. Call
    /// `try_pop` when it is; others may have been faster. Never read from it. It belongs to the queue. If a producer
    /// dies between adding its item and telling: the next push tells. Poll with a time limit.
    [[nodiscard]] int native_handle() const { return detail::pollable(core()); }
    /// Whether an item waits or the queue is closed, which may be otherwise a moment later. For `wait_any`.
    [[nodiscard]] bool ready() const { return detail::ready(core()); }

    /// Pops, as a range: `for (auto& job : jobs)` goes on until the queue is closed and drained.
    class iterator {
    public:
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;

        [[nodiscard]] T& operator*() const noexcept { return *item_; }
        [[nodiscard]] T* operator->() const noexcept { return &*item_; }
        iterator& operator++()
        {
            item_ = from_->pop();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& at, std::default_sentinel_t) noexcept { return !at.item_; }

    private:
        friend class queue;
        explicit iterator(queue& from) : from_(&from), item_(from.pop()) {}

        queue* from_;
        mutable std::optional<T> item_; // an input iterator gives what it holds away
    };
    [[nodiscard]] iterator begin() { return iterator(*this); }
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

    friend bool operator==(const queue& a, const queue& b) noexcept { return a.core_ == b.core_; }

private:
    friend struct codec<queue>;
    explicit queue(std::shared_ptr<detail::queue_core> core) noexcept : core_(std::move(core)) {}

    static std::shared_ptr<detail::queue_core> make(const queue_options& options);
    [[nodiscard]] detail::queue_core& core() const { return detail::check_handle(core_); }

    bool put(const T& value, const detail::wait_bounds& bounds);
    template <class Range>
    std::size_t put_range(Range& values, const detail::wait_bounds& bounds);
    std::optional<T> take(const detail::wait_bounds& bounds);
    std::vector<T> take_some(std::size_t most, const detail::wait_bounds& bounds);
    std::optional<lease<T>> take_lease(const detail::wait_bounds& bounds);

    std::shared_ptr<detail::queue_core> core_; // null once moved from
};

template <class T>
std::shared_ptr<detail::queue_core> queue<T>::make(const queue_options& options)
{
    check_sendable<T, "item of a queue">();
    return detail::make_queue({.ring_bytes = options.bytes,
                               .large_bytes = options.large_bytes,
                               .items = options.items,
                               .fingerprint = fingerprint<T>,
                               .carries_descriptors = carries_handles<T>,
                               .is_channel = false,
                               .name = options.name});
}

template <class T>
bool queue<T>::put(const T& value, const detail::wait_bounds& bounds)
{
    detail::queue_core& target = core();
    return detail::with_message(value, [&](const detail::outgoing& item) {
        return detail::push(target, {&item, 1}, bounds).pushed == 1;
    });
}

template <class T>
template <class Range>
std::size_t queue<T>::put_range(Range& values, const detail::wait_bounds& bounds)
{
    detail::queue_core& target = core();
    if constexpr (detail::travels_as_it_is<T>) {
        const detail::spare<std::vector<std::byte>> copies;
        return detail::push(target, detail::flat_items_of<T>(values, *copies), bounds).pushed;
    } else {
        const detail::spare<detail::outgoing_batch> batch;
        constexpr bool stay =
            std::ranges::forward_range<Range> && std::is_lvalue_reference_v<std::ranges::range_reference_t<Range>>;
        for (const auto& value : values)
            batch->add(static_cast<const T&>(value), stay);
        return detail::push(target, batch->items(), bounds).pushed;
    }
}

template <class T>
std::optional<T> queue<T>::take(const detail::wait_bounds& bounds)
{
    detail::queue_core& from = core();
    if constexpr (detail::travels_as_it_is<T>) {
        std::array<std::byte, sizeof(T)> bytes;
        if (detail::pop_into(from, bytes, bounds) != detail::wait_end::done)
            return std::nullopt;
        return std::bit_cast<T>(bytes);
    } else {
        const detail::spare<detail::incoming> items;
        const detail::borrowed_room room(from, *items); // also if `pop` throws after it was lent
        if (detail::pop(from, *items, 1, bounds) != detail::wait_end::done)
            return std::nullopt;
        return detail::decode_item<T>(*items, 0);
    }
}

template <class T>
std::vector<T> queue<T>::take_some(std::size_t most, const detail::wait_bounds& bounds)
{
    std::vector<T> values;
    detail::queue_core& from = core();
    if (most == 0)
        return values;
    if constexpr (detail::travels_as_it_is<T>) {
        const detail::spare<std::vector<std::byte>> bytes;
        bytes->resize(std::min(most, std::max<std::size_t>(detail::most_flat_bytes / sizeof(T), 1)) * sizeof(T));
        const std::size_t popped = detail::pop_flat(from, *bytes, sizeof(T), bounds).popped;
        detail::append_flat(values, std::span(*bytes).first(popped * sizeof(T)));
    } else {
        const detail::spare<detail::incoming> items;
        if (detail::pop(from, *items, most, bounds) != detail::wait_end::done)
            return values;
        values.reserve(items->parts.size());
        for (std::size_t i = 0; i < items->parts.size(); ++i)
            values.push_back(detail::decode_item<T>(*items, i));
    }
    return values;
}

template <class T>
std::optional<lease<T>> queue<T>::take_lease(const detail::wait_bounds& bounds)
{
    detail::queue_core& from = core();
    const detail::spare<detail::incoming> items;
    detail::lease_place place;
    if (detail::pop_lease(from, *items, place, bounds) != detail::wait_end::done)
        return std::nullopt;
    const detail::unfinished back(from, place); // if decoding throws
    std::optional<lease<T>> held(lease<T>(core_, place, detail::decode_item<T>(*items, 0)));
    back.dismiss();
    return held;
}

/// A queue travels as the descriptors of its memory.
template <class T>
struct codec<queue<T>> {
    static constexpr bool handles = true;

    static void put(sink& out, const queue<T>& which)
    {
        (void)which.core();
        for (const auto& descriptor : detail::descriptors_of(which.core_))
            encode(out, out.attach(descriptor));
    }
    static queue<T> get(source& in)
    {
        std::vector<fd> descriptors;
        for (std::size_t i = 0; i < detail::descriptors_of_a_queue<T>; ++i)
            descriptors.push_back(in.take_descriptor(decode<std::uint32_t>(in)));
        return queue<T>(detail::open_queue(std::move(descriptors), fingerprint<T>));
    }
};

} // namespace ruche
