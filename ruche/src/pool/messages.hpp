#pragma once

#include <cstddef>
#include <cstdint>

/// What goes over the line between a pool and one of its workers, in both directions a stream of records: a header,
/// then as many bytes as it says. Descriptors travel beside the first byte of their record.
namespace ruche::pooling {

enum class request_kind : std::uint32_t {
    define, ///< code number `code` is the `code_reference` that follows
    task,   ///< calls: for each, its length (4 bytes) and its arguments
    leave,  ///< nothing more will come
};

struct request_header {
    std::uint32_t bytes = 0;
    request_kind kind{};
    std::uint64_t sequence = 0; ///< tasks are counted, from 1
    std::uint32_t code = 0;
    std::uint32_t calls = 0;
    std::uint32_t first_item = 0; ///< the number of the first call, for `worker_words::item`
    std::uint32_t descriptors = 0;
    std::uint64_t stream = 0; ///< of random numbers: the task's number in its pool
};
static_assert(sizeof(request_header) == 40);

enum class result_kind : std::uint32_t {
    ready,        ///< the worker is set up
    set_up_threw, ///< and what
    returned,     ///< one call's value
    threw,        ///< one call's error
    skipped,      ///< the task was revoked
};

struct result_header {
    std::uint32_t bytes = 0;
    result_kind kind{};
    std::uint64_t sequence = 0;
    std::int64_t began = 0; ///< steady clock, in nanoseconds
    std::int64_t took = 0;  ///< nanoseconds
    std::uint32_t descriptors = 0;
    std::uint32_t peak_memory = 0; ///< in MiB; 0 if nobody asked
};
static_assert(sizeof(result_header) == 40);

/// Above this a worker's buffered results go out at once.
inline constexpr std::size_t most_buffered = 32 * 1024;

} // namespace ruche::pooling
