#pragma once

#include "os/futex.hpp"

#include <linux/futex.h>

/// What the kernel knows of the calling thread: its number, and the head of its robust list (get_robust_list(2)).
namespace ruche::os {

/// What a fork epoch is compared with before a thread has ever asked: different from the epoch of its record.
inline constinit futex_word before_the_first_epoch{1};

struct thread_record {
    std::uint32_t tid = 0;
    std::uint32_t epoch = 0; ///< the fork epoch in which `tid` was read
    robust_list_head* robust = nullptr;
    const futex_word* epoch_now = &before_the_first_epoch; ///< emptied by the kernel in every forked child
};

namespace detail {
/// Written by its own thread only. Constant-initialised: reading it needs no guard.
extern constinit thread_local thread_record record;
void refresh_record() noexcept;
} // namespace detail

/// The record of the calling thread, right in a forked child too (also after a raw clone that runs no atfork handlers).
[[nodiscard]] inline const thread_record& this_thread() noexcept
{
    const thread_record& mine = detail::record;
    if (mine.epoch_now->load(std::memory_order_acquire) != mine.epoch) [[unlikely]]
        detail::refresh_record();
    return mine;
}

/// Sets the word that the kernel looks at should this thread die. The kernel reads it when the thread is dead, so only
/// the compiler's order matters.
inline void set_pending(const thread_record& me, robust_list* entry) noexcept
{
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(me.robust->list_op_pending).store(entry, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

/// Tells the kernel to look at `word` should this thread die; replaces what was announced before.
inline void announce(const thread_record& me, const futex_word& word) noexcept
{
    const auto address = reinterpret_cast<std::intptr_t>(&word) - me.robust->futex_offset;
    set_pending(me, reinterpret_cast<robust_list*>(address));
}
inline void retract(const thread_record& me) noexcept { set_pending(me, nullptr); }

} // namespace ruche::os
