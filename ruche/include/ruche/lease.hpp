#pragma once

#include <ruche/detail/queue_core.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace ruche {

template <class T>
class queue;

/// An item of a queue that somebody works on, and that goes back to the front of the queue if it isn't finished.
///
///     while (auto item = jobs.pop_lease(stop)) {
///         answers.push(work(item->value()));
///         item->done();                            // from here on nobody gets it again
///     }
///
/// Dropped before `done` (an exception, say), the item is back in front for whoever pops next.
///
/// Across processes: the holder is the process that popped. A copy in a forked child ends nothing.
/// If a process dies while it holds one: the item is back in front as soon as the death is known: at once for processes
///   that ruche started, within 100 ms for others. It is delivered again even if the dead one had all but finished, so
///   what it did must bear to be done twice; `deliveries` tells. Otherwise each item is delivered once.
template <class T>
class [[nodiscard]] lease {
public:
    lease(lease&& other) noexcept :
        queue_(std::move(other.queue_)), place_(other.place_), value_(std::move(other.value_))
    {}
    lease& operator=(lease&& other) noexcept
    {
        if (this != &other) {
            give_back();
            queue_ = std::move(other.queue_);
            place_ = other.place_;
            value_ = std::move(other.value_);
        }
        return *this;
    }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    ~lease() { give_back(); }

    /// The item. To change it changes only this copy: whoever gets the item again gets it as it was pushed.
    [[nodiscard]] T& value() noexcept { return value_; }
    [[nodiscard]] const T& value() const noexcept { return value_; }

    /// How often the item was given out, this time included: 1 at first.
    [[nodiscard]] std::uint32_t deliveries() const noexcept { return place_.deliveries; }

    /// Takes the item out of the queue for good. A second call does nothing.
    void done() noexcept
    {
        if (const auto queue = std::exchange(queue_, nullptr))
            detail::finish_lease(*queue, place_);
    }

    /// Gives it back before the lease goes.
    void give_back() noexcept
    {
        if (const auto queue = std::exchange(queue_, nullptr))
            detail::return_lease(*queue, place_);
    }

private:
    friend class queue<T>;
    lease(std::shared_ptr<detail::queue_core> queue, const detail::lease_place& place, T value) :
        queue_(std::move(queue)), place_(place), value_(std::move(value))
    {}

    std::shared_ptr<detail::queue_core> queue_; // null once it has ended
    detail::lease_place place_;
    T value_;
};

} // namespace ruche
