#include "os/futex.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

constexpr auto slice = std::chrono::milliseconds(100);

// FUTEX_WAIT_BITSET and futex_waitv take an absolute CLOCK_MONOTONIC time, which is what steady_clock counts in
// libstdc++: a retry after a signal needs no arithmetic.
timespec absolute(const deadline& until) noexcept
{
    const auto since_boot = until.moment().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((since_boot - seconds).count())};
}

std::atomic<bool> have_waitv{true};

long waitv(const std::array<futex_waitv, 8>& list, unsigned count, const timespec* until) noexcept
{
#ifdef SYS_futex_waitv
    constexpr long number = SYS_futex_waitv;
#else
    constexpr long number = 449; // the same on every architecture
#endif
    return ::syscall(number, list.data(), count, 0U, until, CLOCK_MONOTONIC);
}

} // namespace

bool futex_wait(const futex_word& word, std::uint32_t expected, const deadline& until) noexcept
{
    timespec at{};
    const bool timed = !until.is_never();
    if (timed)
        at = absolute(until);
    const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, expected, timed ? &at : nullptr, nullptr,
                                  FUTEX_BITSET_MATCH_ANY);
    return !(result == -1 && errno == ETIMEDOUT);
}

bool futex_wait_any(std::span<const futex_watch> watches, const deadline& until) noexcept
{
    std::array<futex_waitv, 8> list{};
    unsigned count = 0;
    const futex_watch* first = nullptr;
    for (const auto& watch : watches) {
        if (!watch.word || count == list.size())
            continue;
        if (!first)
            first = &watch;
        list[count++] = {watch.expected, reinterpret_cast<std::uintptr_t>(watch.word), FUTEX_32, 0};
    }
    if (!first)
        return !until.passed();
    if (count == 1)
        return futex_wait(*first->word, first->expected, until);
    if (have_waitv.load(std::memory_order_relaxed)) {
        timespec at{};
        const bool timed = !until.is_never();
        if (timed)
            at = absolute(until);
        const long result = waitv(list, count, timed ? &at : nullptr);
        if (result != -1 || errno != ENOSYS)
            return !(result == -1 && errno == ETIMEDOUT);
        have_waitv.store(false, std::memory_order_relaxed);
    }
    const deadline next(std::min(until.left(), std::chrono::nanoseconds(slice)));
    for (const auto& watch : watches)
        if (watch.word && watch.word->load() != watch.expected)
            return true;
    futex_wait(*first->word, first->expected, next);
    return !until.passed();
}

int futex_wake(const futex_word& word, int count) noexcept
{
    const int saved = errno; // called from signal handlers
    const long woken = ::syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
    errno = saved;
    return woken > 0 ? static_cast<int>(woken) : 0;
}

void futex_wake_all(const futex_word& word) noexcept { futex_wake(word, INT_MAX); }

} // namespace ruche::os
