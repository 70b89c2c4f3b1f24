#include "os/wait_note.hpp"

#include "os/this_thread.hpp"

#include <chrono>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

namespace ruche::os {

namespace {

std::int64_t now() noexcept { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::atomic<bool> are_kept{true}; // in this process: set once, before it waits

// A wait in slices is one wait: what begins again at once has not ended.
constexpr std::int64_t at_once = 1'000'000;

wait_page* map_page() noexcept
{
    const int file = ::memfd_create(wait_page_label, MFD_CLOEXEC);
    if (file < 0)
        return nullptr;
    void* at = ::ftruncate(file, sizeof(wait_page)) == 0
                   ? ::mmap(nullptr, sizeof(wait_page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                   : MAP_FAILED;
    ::close(file); // the mapping keeps it; its label shows in /proc/PID/maps
    if (at == MAP_FAILED)
        return nullptr;
    ::madvise(at, sizeof(wait_page), MADV_DONTFORK); // a copy makes its own
    return new (at) wait_page;
}

/// The page of this process. Threads that race for it may leave one page unused; that is all.
class page_of_process {
public:
    wait_page* get() noexcept
    {
        const std::uint32_t epoch = this_thread().epoch;
        if (!are_kept.load(std::memory_order_relaxed))
            return nullptr;
        if (epoch_.load(std::memory_order_acquire) == epoch)
            return page_.load(std::memory_order_acquire);
        page_.store(map_page(), std::memory_order_release);
        epoch_.store(epoch, std::memory_order_release);
        return page_.load(std::memory_order_acquire);
    }

private:
    std::atomic<wait_page*> page_{nullptr};
    std::atomic<std::uint32_t> epoch_{0}; ///< the fork epoch in which the page was made
};

/// The place of one thread.
class place {
public:
    place() noexcept = default;
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place()
    {
        if (slot_ && epoch_ == this_thread().epoch)
            slot_->thread.store(0, std::memory_order_release);
    }

    wait_slot* get() noexcept
    {
        if (epoch_ != this_thread().epoch) {
            epoch_ = this_thread().epoch;
            slot_ = find();
        }
        return slot_;
    }

private:
    static wait_slot* find() noexcept
    {
        static constinit page_of_process page;
        wait_page* const notes = page.get();
        if (!notes)
            return nullptr;
        for (wait_slot& slot : notes->slots) {
            std::uint32_t nobody = 0;
            if (slot.thread.compare_exchange_strong(nobody, this_thread().tid, std::memory_order_acq_rel))
                return &slot;
        }
        return nullptr;
    }

    wait_slot* slot_ = nullptr;
    std::uint32_t epoch_ = 0;
};

wait_slot* place_of_this_thread() noexcept
{
    thread_local place mine;
    return mine.get();
}

} // namespace

void keep_no_wait_notes() noexcept { are_kept.store(false, std::memory_order_relaxed); }

wait_note::wait_note(wait_kind kind, std::uint64_t number) noexcept : slot_(place_of_this_thread())
{
    if (!slot_)
        return;
    const std::int64_t moment = now();
    const bool goes_on = slot_->number.load(std::memory_order_relaxed) == number &&
                         moment - slot_->ended.load(std::memory_order_relaxed) < at_once;
    slot_->number.store(number, std::memory_order_relaxed);
    if (!goes_on)
        slot_->since.store(moment, std::memory_order_relaxed);
    slot_->kind.store(static_cast<std::uint32_t>(kind), std::memory_order_release);
}

wait_note::~wait_note()
{
    if (!slot_)
        return;
    slot_->kind.store(0, std::memory_order_release);
    slot_->ended.store(now(), std::memory_order_relaxed);
}

} // namespace ruche::os
