#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace rssmania {

/// Memory that many share who don't know beforehand how much they will need.
///
/// Each may have a small share without asking. Beyond that all draw on one pot; who finds it empty waits. So that not
/// all wait for each other, the first to find it empty may go on all the same, one at a time: what is taken never
/// exceeds the pot, the shares, and the most that one may have.
///
/// Thread safety: all members.
class memory_budget {
public:
    using holder = std::uint64_t; ///< anything that tells them apart, but 0

    memory_budget(std::size_t pot, std::size_t share) : pot_(pot), share_(share) {}

    /// Whether `who`, who has `held` bytes, may have `more`. If not, he waits until something is given back.
    [[nodiscard]] bool take(holder who, std::size_t held, std::size_t more);

    /// `who` gives back all that he has. Whether anybody waits for it.
    bool give_back(holder who, std::size_t held);

    /// Something was given back that was waited for, since this was last asked.
    [[nodiscard]] bool has_been_refilled();

    /// Bytes drawn from the pot, beyond the shares.
    [[nodiscard]] std::size_t drawn() const;

private:
    [[nodiscard]] std::size_t beyond_share(std::size_t bytes) const { return bytes > share_ ? bytes - share_ : 0; }

    std::size_t pot_;
    std::size_t share_;
    mutable std::mutex mutex_;
    std::size_t drawn_ = 0; // guarded by mutex_
    holder favourite_ = 0;  // guarded by mutex_; who may go on although the pot is empty
    bool awaited_ = false;  // guarded by mutex_; somebody was told to wait
    bool refilled_ = false; // guarded by mutex_
};

} // namespace rssmania
