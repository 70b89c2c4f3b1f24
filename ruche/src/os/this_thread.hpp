#pragma once

#include "os/futex.hpp"

#include <linux/futex.h>

/// What the kernel knows of the calling thread: its number, and the head of its robust list (get_robust_list(2)).
namespace ruche::os {

struct thread_record {
    std::uint32_t tid = 0;
    std::uint32_t epoch = 0; ///< the fork epoch in which `tid` was read
    robust_list_head* robust = nullptr;
};

/// The record of the calling thread, right in a forked child too (also after a raw clone that runs no atfork handlers).
[[nodiscard]] const thread_record& this_thread() noexcept;

/// Tells the kernel to look at `word` should this thread die; replaces what was announced before.
void announce(const futex_word& word) noexcept;
void retract() noexcept;

} // namespace ruche::os
