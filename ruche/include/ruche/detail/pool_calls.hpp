#pragma once

#include <ruche/detail/pool_core.hpp>
#include <ruche/future.hpp>
#include <ruche/futures.hpp>
#include <ruche/progress.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace ruche {

/// How `map` and its like go about it.
struct map_options {
    /// How many calls travel together; chosen by how long they take if 0.
    std::size_t chunk = 0;
    /// How many calls may be under way or done and not yet looked at; so many elements of the ranges are taken ahead.
    /// As many as keep all workers busy if 0.
    std::size_t look_ahead = 0;
    /// Called after each call, in the thread that goes through the results.
    std::function<void(const progress&)> on_progress = {};
};

namespace detail {

/// Chooses how many calls are to travel together, so that the travelling costs little and the workers are evenly busy.
class chunk_size {
public:
    explicit chunk_size(std::size_t fixed) noexcept : now_(fixed == 0 ? 1 : fixed), is_fixed_(fixed != 0) {}

    [[nodiscard]] std::size_t now() const noexcept { return now_; }
    void learn(std::size_t calls, std::chrono::nanoseconds took) noexcept
    {
        if (is_fixed_ || calls == 0)
            return;
        const auto each = std::max<std::int64_t>(took.count() / static_cast<std::int64_t>(calls), 1);
        const auto best = static_cast<std::size_t>(aim.count() / each);
        now_ = std::clamp<std::size_t>(best, 1, std::min<std::size_t>(now_ * 8, most));
    }

private:
    static constexpr std::chrono::nanoseconds aim{500'000};
    static constexpr std::size_t most = 8192;

    std::size_t now_;
    bool is_fixed_;
};

/// The results of a map: a range that is gone through once. Calls are made ahead of whoever looks.
template <class Pool, class R, class F, bool Ordered, class... Ranges>
class mapped {
public:
    mapped(Pool& of, map_options options, F function, Ranges... ranges) :
        pool_(&of), options_(std::move(options)), function_(std::move(function)), ranges_(std::move(ranges)...),
        next_(std::apply([](auto&... each) { return std::tuple(std::ranges::begin(each)...); }, ranges_)),
        chunk_(options_.chunk), meter_(size_of(ranges_))
    {
        go_ahead();
    }
    mapped(const mapped&) = delete;
    mapped& operator=(const mapped&) = delete;
    /// What nobody will look at is given up.
    ~mapped()
    {
        for (auto& one : under_way_)
            if (one)
                one->cancel();
    }

    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = std::conditional_t<std::is_void_v<R>, void*,
                                              std::remove_cvref_t<std::conditional_t<std::is_void_v<R>, int, R>>>;
        using difference_type = std::ptrdiff_t;

        explicit iterator(mapped* of) : of_(of) {}
        /// The result, once. Throws what the call did; the next ones are there all the same.
        R operator*() const { return of_->take(); }
        iterator& operator++()
        {
            of_->skip();
            return *this;
        }
        void operator++(int) { ++*this; }
        [[nodiscard]] bool operator==(std::default_sentinel_t) const { return of_->at_end(); }

    private:
        mapped* of_;
    };

    [[nodiscard]] iterator begin() { return iterator(this); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    using chunk = typename Pool::template chunk<R, F>;

    static std::optional<std::size_t> size_of(const std::tuple<Ranges...>& ranges)
    {
        if constexpr ((std::ranges::sized_range<const Ranges> && ...))
            return std::apply(
                [](const auto&... each) { return std::min({static_cast<std::size_t>(std::ranges::size(each))...}); },
                ranges);
        else
            return std::nullopt;
    }

    [[nodiscard]] bool exhausted()
    {
        return [&]<std::size_t... I>(std::index_sequence<I...>)
        {
            return ((std::get<I>(next_) == std::ranges::end(std::get<I>(ranges_))) || ...);
        }
        (std::index_sequence_for<Ranges...>{});
    }

    [[nodiscard]] std::size_t look_ahead() const
    {
        return options_.look_ahead != 0 ? options_.look_ahead : 3 * pool_->size() * chunk_.now();
    }

    void go_ahead()
    {
        while (ahead_ < look_ahead() && !exhausted()) {
            auto one = std::make_unique<chunk>();
            const std::size_t most = std::min(chunk_.now(), std::max<std::size_t>(look_ahead() - ahead_, 1));
            while (one->size() < most && !exhausted()) {
                std::apply([&](auto&... each) { one->add(function_, *each...); }, next_);
                std::apply([](auto&... each) { (++each, ...); }, next_);
            }
            ahead_ += one->size();
            one->submit(*pool_);
            if constexpr (!Ordered)
                report_to(board_, one->core(), submitted_);
            ++submitted_;
            under_way_.push_back(std::move(one));
        }
    }

    // Makes the next chunk with results the current one.
    void advance()
    {
        std::size_t place = 0;
        if constexpr (!Ordered)
            place = board_->next({}).value() - first_;
        current_ = std::move(under_way_[place]);
        if (place == 0) {
            do {
                under_way_.pop_front();
                ++first_;
            } while (!under_way_.empty() && !under_way_.front());
        }
        const auto took = current_->finish();
        chunk_.learn(current_->size(), took);
        at_ = 0;
    }

    [[nodiscard]] bool at_end()
    {
        while (!current_ || at_ == current_->size()) {
            current_.reset();
            go_ahead();
            if (under_way_.empty())
                return true;
            advance();
        }
        return false;
    }

    R take() { return current_->take(at_); }

    void skip()
    {
        ++at_;
        --ahead_;
        if (options_.on_progress)
            options_.on_progress(meter_.count());
        if (ahead_ + chunk_.now() <= look_ahead())
            go_ahead();
    }

    Pool* pool_;
    map_options options_;
    F function_;
    std::tuple<Ranges...> ranges_;
    std::tuple<std::ranges::iterator_t<Ranges>...> next_;
    chunk_size chunk_;
    progress_meter meter_;
    std::deque<std::unique_ptr<chunk>> under_way_; ///< null where it was taken out of turn
    std::size_t first_ = 0;                        ///< the number of the first of them
    std::size_t submitted_ = 0;
    std::shared_ptr<completions> board_ = std::make_shared<completions>();
    std::unique_ptr<chunk> current_;
    std::size_t at_ = 0;    ///< in `current_`
    std::size_t ahead_ = 0; ///< calls that nobody has looked at yet
};

/// What `pool` and `thread_pool` have in common: the ways to give them work.
template <class Pool>
class pool_calls {
public:
    /// Has `function(arguments…)` called by a worker. Throws: `pool_closed`.
    template <startable F, class... Args>
    requires(!std::same_as<std::remove_cvref_t<F>, task_options> &&
             !std::same_as<std::remove_cvref_t<F>, deadline>) auto submit(F&& function, Args&&... arguments)
    {
        return submit(task_options{}, std::forward<F>(function), std::forward<Args>(arguments)...);
    }
    /// The same with a deadline: `pool.submit(ruche::deadline(200ms), f)`.
    template <startable F, class... Args>
    auto submit(deadline until, F&& function, Args&&... arguments)
    {
        return submit(task_options{.deadline = until}, std::forward<F>(function), std::forward<Args>(arguments)...);
    }
    template <startable F, class... Args>
    auto submit(task_options options, F&& function, Args&&... arguments)
    {
        using result = typename Pool::template call_result<F, Args...>;
        return self().template submit_call<result>(std::move(options), std::nullopt, std::forward<F>(function),
                                                   std::forward<Args>(arguments)...);
    }

    /// Calls `function` with each element (or with one of each of several ranges, until the first ends) and gives the
    /// results in order, to be gone through once:
    ///
    ///     for (int n : pool.map(square, numbers)) …
    ///     for (double d : pool.map({.look_ahead = 100}, distance, from, to)) …
    ///
    /// Calls are made ahead of the one that is looked at, a bounded number, so a range may be endless. They travel
    /// together, the more the shorter they take. A call that throws, or kills its worker, throws where its result is
    /// looked at, and costs no other. The pool must outlive the results; lvalue ranges are referred to, not copied.
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0) [[nodiscard]] auto map(map_options options, F function, Ranges&&... ranges)
    {
        return make_mapped<true>(std::move(options), std::move(function), std::forward<Ranges>(ranges)...);
    }
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0 && !std::same_as<F, map_options>)
        [[nodiscard]] auto map(F function, Ranges&&... ranges)
    {
        return make_mapped<true>(map_options{}, std::move(function), std::forward<Ranges>(ranges)...);
    }

    /// The same, the results as they come.
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0)
        [[nodiscard]] auto map_unordered(map_options options, F function, Ranges&&... ranges)
    {
        return make_mapped<false>(std::move(options), std::move(function), std::forward<Ranges>(ranges)...);
    }
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0 && !std::same_as<F, map_options>)
        [[nodiscard]] auto map_unordered(F function, Ranges&&... ranges)
    {
        return make_mapped<false>(map_options{}, std::move(function), std::forward<Ranges>(ranges)...);
    }

    /// Calls `function` with each element and waits until all are done. Throws: the first error that came, after that.
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0) void for_each(map_options options, F function, Ranges&&... ranges)
    {
        std::exception_ptr first;
        auto results = make_mapped<false>(std::move(options), std::move(function), std::forward<Ranges>(ranges)...);
        for (auto at = results.begin(); at != results.end(); ++at) {
            try {
                static_cast<void>(*at);
            } catch (...) {
                if (!first)
                    first = std::current_exception();
            }
        }
        if (first)
            std::rethrow_exception(first);
    }
    template <class F, std::ranges::input_range... Ranges>
    requires(sizeof...(Ranges) > 0 && !std::same_as<F, map_options>) void for_each(F function, Ranges&&... ranges)
    {
        for_each(map_options{}, std::move(function), std::forward<Ranges>(ranges)...);
    }

    /// Has each worker make the call once (those that are not there are started for it): to fill a cache, to ask. The
    /// futures are in the order of the workers.
    template <class F, class... Args>
    auto invoke(const F& function, const Args&... arguments)
    {
        using result = typename Pool::template call_result<F, Args...>;
        std::vector<future<result>> answers;
        for (std::uint32_t worker = 0; worker < self().size(); ++worker)
            answers.push_back(self().template submit_call<result>({}, worker, function, arguments...));
        return answers;
    }

private:
    template <bool Ordered, class F, class... Ranges>
    auto make_mapped(map_options options, F function, Ranges&&... ranges)
    {
        using result = typename Pool::template call_result<F, std::ranges::range_value_t<Ranges>...>;
        return mapped<Pool, result, F, Ordered, std::views::all_t<Ranges>...>(
            self(), std::move(options), std::move(function), std::views::all(std::forward<Ranges>(ranges))...);
    }

    Pool& self() noexcept { return static_cast<Pool&>(*this); }
};

} // namespace detail

} // namespace ruche
