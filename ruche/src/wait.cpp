#include <ruche/wait.hpp>

#include "death_bell.hpp"
#include "heart.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/wait_note.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace ruche::detail {

namespace {

/// Several things that are waited for in poll(2), and the news of stops and deaths beside them.
///
/// What is waited for has a descriptor, so a thread sleeps until one is readable. Whether there was a cause for it is
/// asked of the thing itself, from its memory, after every wake-up: so news of a death is enough to find what the dead
/// one put into a queue without having told of it.
class sleeper {
public:
    explicit sleeper(std::span<const waited> all) :
        all_(all), ready_(std::make_unique<bool[]>(all.size())), readable_(std::make_unique<bool[]>(all.size() + 1))
    {
        for (const waited& one : all)
            numbers_.push_back(one.number);
        numbers_.push_back(news_.native_handle());
    }

    /// Forgets the news so far. The caller looks at its stop after this: what comes later makes it readable again.
    void clear_news() noexcept { news_.clear(); }

    /// Looks, and sleeps if nothing is ready; the caller calls again. Returns whether something is.
    [[nodiscard]] bool look(const deadline& until)
    {
        bool any = look_in_memory();
        const deadline sleep = any ? deadline(std::chrono::nanoseconds(0)) : until;
        const os::wait_note note(os::wait_kind::several, all_.size());
        if (!os::poll_readable(numbers_, {readable_.get(), numbers_.size()}, sleep))
            return any;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            ready_[i] = ready_[i] || (readable_[i] && (!all_[i].ready || all_[i].ready(all_[i].what)));
            any = any || ready_[i];
        }
        return any;
    }

    [[nodiscard]] std::span<const bool> ready() const noexcept { return {ready_.get(), all_.size()}; }

    /// What has been ready is not waited for any more. Returns whether it was until now.
    bool forget(std::size_t index) noexcept { return std::exchange(numbers_[index], -1) >= 0; }

private:
    bool look_in_memory()
    {
        bool any = false;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            ready_[i] = numbers_[i] >= 0 && all_[i].ready && all_[i].ready(all_[i].what);
            any = any || ready_[i];
        }
        return any;
    }

    std::span<const waited> all_;
    os::news_watch& news_ = os::news_watch::of_this_thread();
    std::vector<int> numbers_; ///< of `all_`, negative once forgotten; the last is that of the news
    std::unique_ptr<bool[]> ready_;
    std::unique_ptr<bool[]> readable_; ///< of `numbers_`
};

/// Sleeps until `enough`, asked whenever something is ready, says so. Returns false if the time or a stop came first.
template <class Enough>
bool wait(std::span<const waited> all, const deadline& until, const stop_token* stop, Enough enough)
{
    sleeper here(all);
    for (;;) {
        here.clear_news();
        if (stop && stop->stop_requested())
            return false;
        if (here.look(deadline(std::min(until.left(), beat_and_wait(longest_sleep())))) && enough(here))
            return true;
        if (until.passed())
            return false;
    }
}

} // namespace

std::optional<std::size_t> wait_for_first(std::span<const waited> all, const deadline& until, const stop_token* stop)
{
    std::size_t first = 0;
    const auto found = [&](const sleeper& here) {
        const auto ready = here.ready();
        first = static_cast<std::size_t>(std::find(ready.begin(), ready.end(), true) - ready.begin());
        return first < ready.size();
    };
    if (!wait(all, until, stop, found))
        return std::nullopt;
    return first;
}

bool wait_for_each(std::span<const waited> all, const deadline& until, const stop_token* stop)
{
    std::size_t left = all.size();
    if (left == 0)
        return true;
    return wait(all, until, stop, [&](sleeper& here) {
        for (std::size_t i = 0; i < all.size(); ++i)
            if (here.ready()[i] && here.forget(i))
                --left;
        return left == 0;
    });
}

} // namespace ruche::detail
