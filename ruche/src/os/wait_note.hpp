#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

/// For whoever inspects this program: what each of its threads waits for, and since when.
///
/// One page for each process, in memory of its own (an inspector reads it from outside, process_vm_readv(2)); a thread
/// writes to its own place in it, and only when it is about to sleep. Nothing depends on it, so nothing can break by
/// it, and it is gone with the process.
namespace ruche::os {

/// What a note is about: the number beside it is an address in shared memory (the word that is slept on), or the id of
/// a process whose end is waited for, or nothing, where several things are waited for at once.
enum class wait_kind : std::uint32_t { memory = 1, process = 2, several = 3 };

struct wait_slot {
    std::atomic<std::uint32_t> thread{0}; ///< whose place this is, for as long as it lives; 0: nobody's
    std::atomic<std::uint32_t> kind{0};   ///< a `wait_kind`; 0: it does not wait. Written last, and first cleared
    std::atomic<std::uint64_t> number{0};
    std::atomic<std::int64_t> since{0}; ///< steady clock, nanoseconds
    std::atomic<std::int64_t> ended{0}; ///< of the last one
};

struct wait_page {
    static constexpr std::uint64_t right_magic = 0x7374'6961'7720'6872; // "rh waits"
    std::uint64_t magic = right_magic;
    std::uint64_t unused = 0;
    std::array<wait_slot, 126> slots{}; // more threads than that wait unseen
};
static_assert(sizeof(wait_page) <= 4096);

inline constexpr const char* wait_page_label = "ruche-waits";

/// In a process whose sandbox would not let it make the page: nobody will see what it waits for.
void keep_no_wait_notes() noexcept;

/// The calling thread waits, for as long as this lives.
class wait_note {
public:
    wait_note(wait_kind kind, std::uint64_t number) noexcept;
    explicit wait_note(const volatile void* word) noexcept :
        wait_note(wait_kind::memory, reinterpret_cast<std::uintptr_t>(word))
    {}
    ~wait_note();
    wait_note(const wait_note&) = delete;
    wait_note& operator=(const wait_note&) = delete;

private:
    wait_slot* slot_;
};

} // namespace ruche::os
