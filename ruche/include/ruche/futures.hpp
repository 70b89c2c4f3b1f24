#pragma once

#include <ruche/deadline.hpp>
#include <ruche/future.hpp>
#include <ruche/wait.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

/// Several futures at once.
namespace ruche {

namespace detail {

template <class T>
inline constexpr bool is_future = false;
template <class T>
inline constexpr bool is_future<future<T>> = true;

template <class Range>
concept range_of_futures =
    std::ranges::random_access_range<Range> && is_future<std::remove_cvref_t<std::ranges::range_reference_t<Range>>>;

/// A board on which those of `all` that are valid report; counts them.
template <class Range>
std::shared_ptr<completions> board_of(Range& all, std::size_t& count)
{
    auto board = std::make_shared<completions>();
    std::size_t number = 0;
    for (auto& one : all) {
        if (one.valid()) {
            report_to(board, one.state(), number);
            ++count;
        }
        ++number;
    }
    return board;
}

template <class Range>
bool wait_for_all(Range& all, const wait_bounds& bounds)
{
    for (auto& one : all)
        if (one.valid() && !one.state().wait(bounds))
            return false;
    return true;
}

} // namespace detail

/// Gives the futures of a vector, an array or a span as they get ready, whatever their order: a range of references.
///
///     for (auto& answer : ruche::as_completed(answers))
///         std::cout << answer.get() << '\n';
///
/// Those that are ready come first; those without a result are passed over. With a `patience`, counted from the call,
/// going on throws `deadline_exceeded` ("2 of 4 futures are not ready") once it has passed.
/// The futures must outlive the loop. Thread safety: as that of the futures.
template <class Range>
requires detail::range_of_futures<Range>
class as_completed {
public:
    explicit as_completed(Range& all, const deadline& until = {}) :
        all_(&all), until_(until), board_(detail::board_of(all, left_)), count_(left_)
    {}
    as_completed(Range& all, std::chrono::nanoseconds patience) : as_completed(all, deadline(patience)) {}

    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = std::ranges::range_value_t<Range>;
        using difference_type = std::ptrdiff_t;

        explicit iterator(as_completed* of) : of_(of) { ++*this; }
        [[nodiscard]] value_type& operator*() const { return std::ranges::begin(*of_->all_)[of_->at_]; }
        iterator& operator++()
        {
            of_->go_on();
            return *this;
        }
        void operator++(int) { ++*this; }
        [[nodiscard]] bool operator==(std::default_sentinel_t) const noexcept { return of_->done_; }

    private:
        as_completed* of_;
    };

    [[nodiscard]] iterator begin() { return iterator(this); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    void go_on()
    {
        if (left_ == 0) {
            done_ = true;
            return;
        }
        const auto next = board_->next({until_, nullptr});
        if (!next)
            throw deadline_exceeded(std::to_string(left_) + " of " + std::to_string(count_) + " futures are not ready");
        at_ = static_cast<std::ranges::range_difference_t<Range>>(*next);
        --left_;
    }

    Range* all_;
    deadline until_;
    std::size_t left_ = 0;
    std::shared_ptr<detail::completions> board_;
    std::size_t count_;
    std::ranges::range_difference_t<Range> at_ = 0;
    bool done_ = false;
};
template <class Range>
as_completed(Range&) -> as_completed<Range>;
template <class Range>
as_completed(Range&, std::chrono::nanoseconds) -> as_completed<Range>;

/// Waits until one of several futures is ready; gives its place, the first that was. Empty if none has a result to
/// give. Nothing is taken. The forms with a patience or a stop token are those of `ruche/wait.hpp`, for anything
/// waitable.
template <detail::range_of_futures Range>
[[nodiscard]] std::optional<std::size_t> wait_any(Range&& all)
{
    std::size_t count = 0;
    const auto board = detail::board_of(all, count);
    return count == 0 ? std::nullopt : board->next({});
}

/// Waits until every one of several futures is ready.
template <detail::range_of_futures Range>
void wait_all(Range&& all)
{
    (void)detail::wait_for_all(all, {});
}

namespace detail {

template <class T>
using gathered =
    std::conditional_t<std::is_void_v<T>, void, std::vector<std::conditional_t<std::is_void_v<T>, char, T>>>;

/// Takes all values, in order; the first error in that order is thrown.
template <class T>
gathered<T> gather(std::vector<future<T>>& all)
{
    if constexpr (std::is_void_v<T>) {
        for (auto& one : all)
            one.get();
    } else {
        std::vector<T> values;
        values.reserve(all.size());
        for (auto& one : all)
            values.push_back(one.get());
        return values;
    }
}

/// What `when_all` waits with: the last of the futures to be settled has `finish` run.
template <class Futures, class R>
struct gathering {
    Futures all;
    promise<R> result;
    std::atomic<std::size_t> left;

    static void observe(const std::shared_ptr<gathering>& one, future_core& core)
    {
        core.observe([one] { one->finish_one(one); });
    }
    // The last to arrive sees what the others have done: acquire and release.
    void finish_one(const std::shared_ptr<gathering>& one)
    {
        if (left.fetch_sub(1, std::memory_order_acq_rel) == 1)
            run_on_service([one] { fulfil(one->result, [&] { return take(one->all); }); });
    }
    template <class T>
    static R take(std::vector<future<T>>& from)
    {
        return gather(from);
    }
    template <class... T>
    static R take(std::tuple<future<T>...>& from)
    {
        return std::apply([](auto&... one) { return R{one.get()...}; }, from); // braces: in this order
    }
};

} // namespace detail

/// A future of all values, in order. Its error is the first one, in the same order; it is ready when all are.
template <class T>
[[nodiscard]] future<detail::gathered<T>> when_all(std::vector<future<T>> all)
{
    using gathering = detail::gathering<std::vector<future<T>>, detail::gathered<T>>;
    const auto one = std::shared_ptr<gathering>(new gathering{std::move(all), {}, {}});
    one->left = one->all.size() + 1;
    auto later = one->result.get_future();
    for (auto& each : one->all)
        gathering::observe(one, each.state());
    one->finish_one(one);
    return later;
}
template <class... T>
requires(sizeof...(T) > 0 && (!std::is_void_v<T> && ...))
    [[nodiscard]] future<std::tuple<T...>> when_all(future<T>... all)
{
    using gathering = detail::gathering<std::tuple<future<T>...>, std::tuple<T...>>;
    const auto one = std::shared_ptr<gathering>(new gathering{{std::move(all)...}, {}, {}});
    one->left = sizeof...(T) + 1;
    auto later = one->result.get_future();
    std::apply([&](auto&... each) { (gathering::observe(one, each.state()), ...); }, one->all);
    one->finish_one(one);
    return later;
}

} // namespace ruche
