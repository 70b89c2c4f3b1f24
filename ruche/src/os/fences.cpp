#include "os/fences.hpp"

#include <cerrno>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

bool take_part_in_fences() noexcept
{
    const int saved = errno;
    const bool can = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
    errno = saved;
    return can;
}

void fence_everywhere() noexcept
{
    std::atomic_thread_fence(std::memory_order_seq_cst);
    ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
}

} // namespace ruche::os
