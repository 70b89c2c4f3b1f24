#include <ruche/mutex.hpp>

#include "inspect/portrait.hpp"
#include "os/pthread_mutex.hpp"
#include "os/wait_note.hpp"
#include "shared_block.hpp"

namespace ruche {

namespace {
constexpr std::uint64_t plain_kind = 0x6d75'7465'7800'0001;
constexpr std::uint64_t recursive_kind = 0x6d75'7465'7800'0002;

bool is_held(const void* data) noexcept
{
    return static_cast<const os::pthread_lock*>(data)->is_held_in_this_process();
}
} // namespace

namespace detail {

basic_mutex::basic_mutex(std::uint64_t kind, bool recursive) :
    block_handle(make_block(sizeof(os::pthread_lock), kind, "ruche-mutex"))
{
    state<os::pthread_lock>().make(recursive);
    block()->keep_mapped_if(is_held);
}

basic_mutex::basic_mutex(received_block received, std::uint64_t kind) :
    block_handle(open_block(std::move(received.memory), kind))
{
    block()->keep_mapped_if(is_held);
}

void basic_mutex::lock()
{
    auto& lock = state<os::pthread_lock>();
    if (lock.try_lock())
        return;
    const os::wait_note note(&lock);
    lock.lock();
}
bool basic_mutex::try_lock() { return state<os::pthread_lock>().try_lock(); }
bool basic_mutex::try_lock_until(const deadline& until)
{
    auto& lock = state<os::pthread_lock>();
    if (lock.try_lock())
        return true;
    const os::wait_note note(&lock);
    return lock.try_lock_until(until);
}
void basic_mutex::unlock() { state<os::pthread_lock>().unlock(); }
bool basic_mutex::owner_died() const { return state<os::pthread_lock>().owner_died; }

} // namespace detail

mutex::mutex() : basic_mutex(plain_kind, false) {}
mutex::mutex(detail::received_block received) : basic_mutex(std::move(received), plain_kind) {}

recursive_mutex::recursive_mutex() : basic_mutex(recursive_kind, true) {}
recursive_mutex::recursive_mutex(detail::received_block received) : basic_mutex(std::move(received), recursive_kind) {}

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_mutex(memory bytes)
{
    const auto* const lock = as<os::pthread_lock>(bytes);
    portrait seen;
    if (const auto thread = lock ? static_cast<int>(lock->holder.load(std::memory_order_relaxed)) : 0)
        seen.holders.push_back({0, thread, "holds", lock->depth});
    return seen;
}

} // namespace ruche::inspect
