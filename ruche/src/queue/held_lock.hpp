#pragma once

#include "os/robust_lock.hpp"

#include <ruche/detail/queue_core.hpp>

#include <mutex>

namespace ruche::detail {

/// The lock of one side of a queue, for as long as this lives.
class held_lock {
public:
    /// Waits for it however long that takes.
    explicit held_lock(os::futex_word& word) noexcept : word_(word), result_(os::lock(word)) {}

    /// Has it, or has not.
    held_lock(os::futex_word& word, std::try_to_lock_t) noexcept :
        word_(word), result_(os::lock_at_once(word) ? os::lock_result::acquired : os::lock_result::gave_up)
    {}

    held_lock(os::futex_word& word, const wait_bounds& bounds) noexcept :
        word_(word), result_(os::lock_at_once(word) ? os::lock_result::acquired : wait_for(word, bounds))
    {}
    held_lock(const held_lock&) = delete;
    held_lock& operator=(const held_lock&) = delete;
    ~held_lock()
    {
        if (result_ != os::lock_result::gave_up)
            os::unlock(word_);
    }

    [[nodiscard]] explicit operator bool() const noexcept { return result_ != os::lock_result::gave_up; }
    [[nodiscard]] bool owner_died() const noexcept { return result_ == os::lock_result::owner_died; }

private:
    static os::lock_result wait_for(os::futex_word& word, const wait_bounds& bounds) noexcept;

    os::futex_word& word_;
    os::lock_result result_;
};

} // namespace ruche::detail
