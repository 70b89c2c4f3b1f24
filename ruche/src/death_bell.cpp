#include "death_bell.hpp"

namespace ruche {

namespace {
// Of the process: the two things here that are global.
std::atomic<const os::futex_word*> the_bell{nullptr};
std::atomic<int> strangers{0}; // a count alone: it orders nothing
} // namespace

const os::futex_word* death_bell() noexcept { return the_bell.load(std::memory_order_acquire); }

void set_death_bell(const os::futex_word* word) noexcept { the_bell.store(word, std::memory_order_release); }

std::chrono::nanoseconds longest_sleep() noexcept
{
    using namespace std::chrono_literals;
    return death_bell() && strangers.load(std::memory_order_relaxed) == 0 ? 1s : 100ms;
}

shared_with_a_stranger::shared_with_a_stranger() noexcept { strangers.fetch_add(1, std::memory_order_relaxed); }
shared_with_a_stranger::~shared_with_a_stranger() { strangers.fetch_sub(1, std::memory_order_relaxed); }

} // namespace ruche
