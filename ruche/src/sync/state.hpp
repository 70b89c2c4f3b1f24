#pragma once

#include "death_bell.hpp"
#include "os/process_identity.hpp"
#include "os/robust_lock.hpp"
#include "os/wait_note.hpp"

#include <ruche/stop.hpp>

#include <algorithm>
#include <array>
#include <chrono>

/// What the parts of ruche/sync are made of.
namespace ruche::sync {

/// Sleeps once while `word` holds `expected`: until a wake, a stop, a death that is reported, the deadline; at most for
/// a second, or for 100 ms where nobody reports deaths. So a wake that a dead process owed is late by no more than
/// that.
inline void sleep_on(const os::futex_word& word, std::uint32_t expected, const deadline& until, const stop_token* stop,
                     std::uint32_t deaths_seen) noexcept
{
    const os::futex_word* const deaths = death_bell();
    const std::array watches{os::futex_watch{&word, expected},
                             os::futex_watch{stop ? stop->native_handle() : nullptr, 0},
                             os::futex_watch{deaths, deaths_seen}};
    const os::wait_note note(&word);
    os::futex_wait_any(watches, deadline(std::min(until.left(), longest_sleep())));
}

/// The news of deaths so far, to be read before one looks for the dead.
inline std::uint32_t deaths_so_far() noexcept
{
    const os::futex_word* const deaths = death_bell();
    return deaths ? deaths->load(std::memory_order_acquire) : 0;
}

/// A processes's entry in a table of those who hold something. Read and written under the table's lock.
struct holder_entry {
    std::uint64_t start = 0;
    std::uint32_t pid = 0;
    std::uint32_t count = 0; ///< how much it holds; 0: the entry is free

    [[nodiscard]] bool is(const os::process_identity& who) const noexcept
    {
        return count != 0 && pid == who.pid && start == who.start;
    }
    [[nodiscard]] bool is_dead() const noexcept { return count != 0 && !os::process_identity{pid, start}.is_alive(); }
};

/// The processes that hold something, guarded by a robust lock. A death under the lock leaves entries that are each
/// right: `count` is written last, and nothing is derived from two of them.
template <std::size_t Size>
struct holder_table {
    std::array<holder_entry, Size> entries{};

    /// The entry of `who`, a free one with `count` 0 if it has none, null if all are in use.
    [[nodiscard]] holder_entry* entry_of(const os::process_identity& who) noexcept
    {
        holder_entry* free = nullptr;
        for (holder_entry& entry : entries) {
            if (entry.is(who))
                return &entry;
            if (!free && entry.count == 0)
                free = &entry;
        }
        if (free) {
            free->pid = who.pid;
            free->start = who.start;
        }
        return free;
    }

    [[nodiscard]] std::uint64_t total() const noexcept
    {
        std::uint64_t sum = 0;
        for (const holder_entry& entry : entries)
            sum += entry.count;
        return sum;
    }

    /// Frees what the dead held. Returns whether there was any.
    bool forget_the_dead() noexcept
    {
        bool any = false;
        for (holder_entry& entry : entries)
            if (entry.is_dead()) {
                entry.count = 0;
                any = true;
            }
        return any;
    }
};

/// Holds a robust lock of a few instructions while it lives.
class short_lock {
public:
    explicit short_lock(os::futex_word& word) noexcept : word_(word) { (void)os::lock(word); }
    ~short_lock() { os::unlock(word_); }
    short_lock(const short_lock&) = delete;
    short_lock& operator=(const short_lock&) = delete;

private:
    os::futex_word& word_;
};

} // namespace ruche::sync
