#include <ruche/shared_mutex.hpp>

#include "inspect/portrait.hpp"
#include "os/pthread_mutex.hpp"
#include "os/wait_note.hpp"
#include "shared_block.hpp"
#include "sync/state.hpp"

#include <system_error>

namespace ruche {

namespace {

constexpr std::uint64_t kind = 0x7368'6d75'0000'0001;

// A writer holds the gate for as long as it writes, a reader while it signs in: so a writer that waits for readers to
// leave keeps others out. The gate is the C library's robust mutex, since it is held long.
struct shared_mutex_state {
    os::pthread_lock gate;
    std::atomic<std::uint32_t> writing; ///< whoever holds the gate writes; else it is a reader that signs in, or nobody
    std::atomic<std::uint32_t> spoiled; ///< a writer died; written by whoever holds the gate
    os::futex_word lock;                ///< of the table, for a few instructions
    os::doorbell left;                  ///< rung by readers that leave
    sync::holder_table<256> readers;    ///< under `lock`

    [[nodiscard]] bool enter(const deadline& until)
    {
        if (gate.try_lock())
            return true;
        const os::wait_note note(&gate);
        return gate.try_lock_until(until);
    }

    void note_death() noexcept
    {
        // Readers die holding the gate, too, and spoil nothing.
        if (gate.owner_died && writing.load(std::memory_order_relaxed) != 0)
            spoiled.store(1, std::memory_order_release);
        writing.store(0, std::memory_order_relaxed);
    }

    bool begin_to_write() noexcept
    {
        if (!nobody_reads())
            return false;
        writing.store(1, std::memory_order_relaxed);
        return true;
    }

    bool sign_in() noexcept
    {
        const sync::short_lock held(lock);
        const auto me = os::process_identity::current();
        sync::holder_entry* mine = readers.entry_of(me);
        if (!mine && readers.forget_the_dead())
            mine = readers.entry_of(me);
        if (mine)
            ++mine->count;
        return mine != nullptr;
    }

    // Looks for the dead only when it would have to wait for them.
    bool nobody_reads() noexcept
    {
        const sync::short_lock held(lock);
        return readers.total() == 0 || (readers.forget_the_dead() && readers.total() == 0);
    }
};

bool is_held(const void* data) noexcept
{
    return static_cast<const shared_mutex_state*>(data)->gate.is_held_in_this_process();
}

} // namespace

shared_mutex::shared_mutex() : block_handle(detail::make_block(sizeof(shared_mutex_state), kind, "ruche-shared-mutex"))
{
    state<shared_mutex_state>().gate.make(false);
    block()->keep_mapped_if(is_held);
}

shared_mutex::shared_mutex(detail::received_block received) :
    block_handle(detail::open_block(std::move(received.memory), kind))
{
    block()->keep_mapped_if(is_held);
}

bool shared_mutex::lock_until(const deadline& until)
{
    auto& mutex = state<shared_mutex_state>();
    if (!mutex.enter(until))
        return false;
    mutex.note_death();
    for (;;) {
        const std::uint32_t deaths = sync::deaths_so_far();
        if (mutex.begin_to_write())
            return true;
        if (until.passed()) {
            mutex.gate.unlock();
            return false;
        }
        mutex.left.arm();
        if (mutex.begin_to_write())
            return true;
        sync::sleep_on(*mutex.left.watch().word, os::doorbell::armed, until, nullptr, deaths);
    }
}

void shared_mutex::unlock()
{
    auto& mutex = state<shared_mutex_state>();
    mutex.spoiled.store(0, std::memory_order_release);
    mutex.writing.store(0, std::memory_order_release); // last: dead before it, it counts as one that was not finished
    mutex.gate.unlock();
}

bool shared_mutex::lock_shared_until(const deadline& until)
{
    auto& mutex = state<shared_mutex_state>();
    for (;;) {
        if (!mutex.enter(until))
            return false;
        mutex.note_death();
        const bool in = mutex.sign_in();
        mutex.gate.unlock();
        if (in || until.passed())
            return in;
        const std::uint32_t deaths = sync::deaths_so_far();
        mutex.left.arm();
        sync::sleep_on(*mutex.left.watch().word, os::doorbell::armed, until, nullptr, deaths);
    }
}

void shared_mutex::unlock_shared()
{
    auto& mutex = state<shared_mutex_state>();
    {
        const sync::short_lock held(mutex.lock);
        sync::holder_entry* const mine = mutex.readers.entry_of(os::process_identity::current());
        if (!mine || mine->count == 0)
            throw std::system_error(EPERM, std::generic_category(), "unlock a shared mutex that is not locked");
        --mine->count;
    }
    mutex.left.ring_all();
}

bool shared_mutex::owner_died() const
{
    return state<shared_mutex_state>().spoiled.load(std::memory_order_acquire) != 0;
}

} // namespace ruche

namespace ruche::inspect {

portrait portrait_of_shared_mutex(memory bytes)
{
    const auto* const mutex = as<shared_mutex_state>(bytes);
    portrait seen;
    if (!mutex)
        return seen;
    if (const auto writer = static_cast<int>(mutex->gate.holder.load(std::memory_order_relaxed)))
        seen.holders.push_back({0, writer, "holds", 1});
    for (const auto& one : mutex->readers.entries)
        if (one.count != 0)
            seen.holders.push_back({static_cast<int>(one.pid), 0, "reads", one.count});
    seen.facts["spoiled"] = mutex->spoiled.load();
    return seen;
}

} // namespace ruche::inspect
