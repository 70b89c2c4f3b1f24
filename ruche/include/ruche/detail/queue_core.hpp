#pragma once

#include <ruche/deadline.hpp>
#include <ruche/detail/packed_message.hpp>
#include <ruche/fd.hpp>
#include <ruche/stop.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What `queue<T>` is made of once `T` has become bytes. Not for use by programs.
namespace ruche::detail {

class queue_core;

struct queue_settings {
    std::size_t ring_bytes = 0;
    std::size_t large_bytes = 0;
    std::size_t items = 0;         ///< 0: no limit
    std::uint64_t fingerprint = 0; ///< of the type of the items
    bool carries_descriptors = false;
    bool is_channel = false;
    std::string name = {}; ///< for those who inspect the program
};

/// How long a call may wait. A null token never stops.
struct wait_bounds {
    deadline until;
    const stop_token* stop = nullptr;

    [[nodiscard]] bool stopped() const noexcept { return stop && stop->stop_requested(); }
    [[nodiscard]] static wait_bounds none() noexcept { return {deadline(deadline::clock::time_point::min()), nullptr}; }
};

enum class wait_end { done, expired, stopped, closed };

/// An item on its way in: its bytes, the descriptors that travel beside them, and the large runs that were left where
/// they lie until now.
struct outgoing {
    std::span<const std::byte> bytes;
    std::span<const std::shared_ptr<const fd>> descriptors;
    std::span<const wire::piece> apart{};
};

/// Which use of which place in the table of leases.
struct lease_place {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    std::uint32_t deliveries = 0;
};

/// Items on their way out, one behind the other.
struct incoming {
    struct part {
        std::size_t end = 0;
        std::size_t descriptors_end = 0;
        bool packed = false; ///< a `packed_message`
    };
    std::vector<std::byte> bytes;
    std::vector<fd> descriptors;
    std::vector<part> parts;
    /// A packed item that was not copied: it stays where it is until it is given back (`end_loan`).
    std::span<const std::byte> lent;
    std::optional<lease_place> loan;
    /// Where a single item goes, instead of `bytes`, if it is exactly so large: `landed` tells.
    std::span<std::byte> landing;
    bool landed = false;

    [[nodiscard]] std::size_t count() const noexcept { return landed ? 1 : parts.size(); }

    void clear() noexcept
    {
        landed = false;
        bytes.clear();
        descriptors.clear();
        parts.clear();
        lent = {};
        loan.reset();
    }
};

[[nodiscard]] std::shared_ptr<queue_core> make_queue(const queue_settings& settings);

/// The queue behind these descriptors (as `descriptors_of` gives them): the same object each time in one process.
/// Throws: `bad_message` if it is no queue, or one of other items.
[[nodiscard]] std::shared_ptr<queue_core> open_queue(std::vector<fd> descriptors, std::uint64_t fingerprint);
[[nodiscard]] std::vector<std::shared_ptr<const fd>> descriptors_of(const std::shared_ptr<queue_core>& queue);

/// Adds items in their order, as many at once as there is room for. Returns how many; all, unless the wait ended.
/// Throws: `queue_closed`, `too_large` (nothing was added), `os_error`.
struct push_end {
    std::size_t pushed = 0;
    wait_end end = wait_end::done;
};
push_end push(queue_core& queue, std::span<const outgoing> items, const wait_bounds& bounds);

/// Items of one size, each of which is its bytes, one behind the other.
struct flat_items {
    const std::byte* first = nullptr;
    std::size_t each = 0;
    std::size_t count = 0;

    [[nodiscard]] std::size_t size() const noexcept { return count; }
    [[nodiscard]] outgoing operator[](std::size_t index) const noexcept
    {
        return {std::span(first + index * each, each), {}};
    }
};
push_end push(queue_core& queue, const flat_items& items, const wait_bounds& bounds);

/// Takes between one and `most` items that are there, waiting for the first.
wait_end pop(queue_core& queue, incoming& items, std::size_t most, const wait_bounds& bounds);
/// The same for items of `each` bytes, which are copied to `place`, one behind the other, as many as there is room for.
/// Returns how many; none unless `end` is `done`. Throws: `bad_message` if one has another size; they are gone then.
struct pop_end {
    std::size_t popped = 0;
    wait_end end = wait_end::done;
};
pop_end pop_flat(queue_core& queue, std::span<std::byte> place, std::size_t each, const wait_bounds& bounds);
/// One of exactly as many bytes as there are at `place`. Throws: `bad_message` if it was another; it is gone then.
wait_end pop_into(queue_core& queue, std::span<std::byte> place, const wait_bounds& bounds);
wait_end pop_lease(queue_core& queue, incoming& item, lease_place& place, const wait_bounds& bounds);
/// Gives back the room of an item that `pop` has lent, if it has.
void end_loan(queue_core& queue, const incoming& item) noexcept;

/// Ends a lease; its item is done with, or back in front. Nothing happens in a process that isn't its holder.
void finish_lease(queue_core& queue, const lease_place& place) noexcept;
void return_lease(queue_core& queue, const lease_place& place) noexcept;

/// Whether every item was popped and every lease is done, by the end of the wait.
bool wait_until_done(queue_core& queue, const wait_bounds& bounds);

void close(queue_core& queue) noexcept;
[[nodiscard]] bool is_closed(const queue_core& queue) noexcept;
[[nodiscard]] std::size_t size(queue_core& queue) noexcept;
[[nodiscard]] bool empty(const queue_core& queue) noexcept;
[[nodiscard]] int pollable(queue_core& queue) noexcept;
[[nodiscard]] bool ready(queue_core& queue) noexcept;

} // namespace ruche::detail
