#include "supervise/frugal.hpp"

#include <malloc.h>

namespace rssmania {

void give_memory_back_early()
{
    // What is set once is not adapted any more. These fail for absurd values only.
    constexpr int large = 128 << 10;
    ::mallopt(M_MMAP_THRESHOLD, large);
    ::mallopt(M_TRIM_THRESHOLD, 4 * large);
    ::mallopt(M_ARENA_MAX, 2);
}

} // namespace rssmania
