#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

/// What an inspector reads from the memory of something shared. Each function stands in the file of the class whose
/// memory it reads, since nobody else knows what it means; they read only, trust no number, and take no lock.
namespace ruche::inspect {

struct portrait {
    struct held {
        int process = 0; ///< 0: known by the thread
        int thread = 0;  ///< 0: the whole process
        std::string how;
        std::uint64_t count = 1;
    };
    std::map<std::string, std::uint64_t> facts;
    std::vector<held> holders;
};

/// Bytes of one object, without what precedes them in a block.
using memory = std::span<const std::byte>;

[[nodiscard]] portrait portrait_of_queue(memory file, bool is_channel);
[[nodiscard]] portrait portrait_of_barrier(memory bytes);
[[nodiscard]] portrait portrait_of_event(memory bytes);
[[nodiscard]] portrait portrait_of_latch(memory bytes);
[[nodiscard]] portrait portrait_of_mutex(memory bytes);
[[nodiscard]] portrait portrait_of_semaphore(memory bytes);
[[nodiscard]] portrait portrait_of_shared_mutex(memory bytes);

/// What somebody who sleeps on the word at `offset` of a queue's memory waits for.
[[nodiscard]] std::string reason_to_wait_at_queue(std::size_t offset, bool is_channel);

/// A block of memory as a `State`, or null if it is too small for one.
template <class State>
[[nodiscard]] const State* as(memory bytes) noexcept
{
    return bytes.size() >= sizeof(State) ? reinterpret_cast<const State*>(bytes.data()) : nullptr;
}

} // namespace ruche::inspect
