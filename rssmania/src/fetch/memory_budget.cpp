#include "fetch/memory_budget.hpp"

#include <algorithm>
#include <utility>

namespace rssmania {

bool memory_budget::take(holder who, std::size_t held, std::size_t more)
{
    const std::scoped_lock lock(mutex_);
    const std::size_t wanted = beyond_share(held + more) - beyond_share(held);
    if (wanted > 0 && drawn_ + wanted > pot_) {
        if (favourite_ != 0 && favourite_ != who) {
            awaited_ = true;
            return false;
        }
        favourite_ = who;
    }
    drawn_ += wanted;
    return true;
}

bool memory_budget::give_back(holder who, std::size_t held)
{
    const std::scoped_lock lock(mutex_);
    drawn_ -= std::min(drawn_, beyond_share(held));
    if (who != 0 && favourite_ == who)
        favourite_ = 0;
    refilled_ = refilled_ || awaited_;
    return std::exchange(awaited_, false);
}

bool memory_budget::has_been_refilled()
{
    const std::scoped_lock lock(mutex_);
    return std::exchange(refilled_, false);
}

std::size_t memory_budget::drawn() const
{
    const std::scoped_lock lock(mutex_);
    return drawn_;
}

} // namespace rssmania
