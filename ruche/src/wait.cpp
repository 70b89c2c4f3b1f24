#include <ruche/wait.hpp>

#include "heart.hpp"
#include "os/poll.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace ruche::detail {

namespace {

// A stop is a word of memory, which poll(2) does not see; and a death may have cost a wake-up. So it looks this often.
std::chrono::nanoseconds slice(const stop_token* stop) noexcept
{
    using namespace std::chrono_literals;
    return stop && stop->stop_possible() ? 20ms : 100ms;
}

// One round: which are ready, of those that are still waited for. Returns whether any is.
bool look(std::span<const waited> all, std::vector<int>& numbers, std::span<bool> ready, const deadline& until)
{
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        ready[i] = numbers[i] >= 0 && all[i].ready && all[i].ready(all[i].what);
        any = any || ready[i];
    }
    if (any)
        return true;
    if (!os::poll_readable(numbers, ready, until))
        return false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        ready[i] = ready[i] && (!all[i].ready || all[i].ready(all[i].what));
        any = any || ready[i];
    }
    return any;
}

// Waits in slices; `enough` is told what is ready, and says whether that is all.
template <class Enough>
bool wait(std::span<const waited> all, const deadline& until, const stop_token* stop, Enough enough)
{
    std::vector<int> numbers;
    for (const waited& one : all)
        numbers.push_back(one.number);
    const auto ready = std::make_unique<bool[]>(all.size());
    for (;;) {
        if (stop && stop->stop_requested())
            return false;
        const deadline next(std::min(until.left(), beat_and_wait(slice(stop))));
        if (look(all, numbers, {ready.get(), all.size()}, next) &&
            enough(std::span<const bool>(ready.get(), all.size()), numbers))
            return true;
        if (until.passed())
            return false;
    }
}

} // namespace

std::optional<std::size_t> wait_for_first(std::span<const waited> all, const deadline& until, const stop_token* stop)
{
    std::size_t first = 0;
    const auto found = [&](std::span<const bool> ready, const std::vector<int>&) {
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
    return wait(all, until, stop, [&](std::span<const bool> ready, std::vector<int>& numbers) {
        for (std::size_t i = 0; i < ready.size(); ++i)
            if (ready[i] && numbers[i] >= 0) {
                numbers[i] = -1; // poll(2) skips it from now on
                --left;
            }
        return left == 0;
    });
}

} // namespace ruche::detail
