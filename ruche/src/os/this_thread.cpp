#include "os/this_thread.hpp"

#include <cstdlib>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// A page that the kernel empties in every child of fork(2), by whatever call it was made: that is how a cached thread
// number is known to be the parent's. (A pthread_atfork handler would not run after _Fork or a raw clone.)
class fork_epoch {
public:
    fork_epoch() noexcept
    {
        void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        // Without it a lock could be taken under a wrong number and never be released: better not to start.
        if (page == MAP_FAILED || ::madvise(page, 4096, MADV_WIPEONFORK) != 0)
            std::abort();
        word_ = static_cast<futex_word*>(page);
    }

    /// The number of this process's epoch; never 0.
    std::uint32_t current() noexcept
    {
        const std::uint32_t epoch = word_->load(std::memory_order_acquire);
        return epoch != 0 ? epoch : renew();
    }

    [[nodiscard]] const futex_word& word() const noexcept { return *word_; }

private:
    // The counter is ordinary memory, so a child continues from its parent's. Two threads may renew at once; the first
    // one's number stays.
    std::uint32_t renew() noexcept
    {
        std::uint32_t none = 0;
        const std::uint32_t fresh = last_.fetch_add(1, std::memory_order_relaxed) + 1;
        return word_->compare_exchange_strong(none, fresh, std::memory_order_acq_rel) ? fresh : none;
    }

    futex_word* word_ = nullptr;
    std::atomic<std::uint32_t> last_{0};
};

fork_epoch& epoch_of_process() noexcept
{
    static fork_epoch epoch;
    return epoch;
}

constinit thread_local robust_list_head own_head{};

} // namespace

namespace detail {

constinit thread_local thread_record record;

void refresh_record() noexcept
{
    const std::uint32_t epoch = epoch_of_process().current();
    record.tid = static_cast<std::uint32_t>(::syscall(SYS_gettid));
    std::size_t size = 0;
    ::syscall(SYS_get_robust_list, 0, &record.robust, &size);
    if (!record.robust) { // a thread that was not made by the C library
        own_head.list.next = &own_head.list;
        own_head.futex_offset = 0;
        ::syscall(SYS_set_robust_list, &own_head, sizeof own_head);
        record.robust = &own_head;
    }
    record.epoch_now = &epoch_of_process().word();
    record.epoch = epoch;
}

} // namespace detail

} // namespace ruche::os
