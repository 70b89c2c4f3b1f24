#include "death_bell.hpp"

namespace ruche {

namespace {
std::atomic<const os::futex_word*> the_bell{nullptr}; // of the process: the one thing here that is global
}

const os::futex_word* death_bell() noexcept { return the_bell.load(std::memory_order_acquire); }

void set_death_bell(const os::futex_word* word) noexcept { the_bell.store(word, std::memory_order_release); }

} // namespace ruche
