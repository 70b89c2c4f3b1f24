#include "death_bell.hpp"

namespace ruche {

namespace {
// A family has one fork server, so there is one bell; set before any wait that could need it.
std::atomic<const os::futex_word*> bell{nullptr};
} // namespace

const os::futex_word* death_bell() noexcept { return bell.load(std::memory_order_acquire); }

void set_death_bell(const os::futex_word* word) noexcept { bell.store(word, std::memory_order_release); }

} // namespace ruche
