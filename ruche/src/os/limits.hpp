#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

/// What a process may use, and where and when it runs (setrlimit(2), setpriority(2), sched_setaffinity(2)).
namespace ruche::os {

enum class resource : std::uint32_t { cpu_seconds, file_size, private_memory, open_files, processes, core_size, stack };
inline constexpr std::size_t resources = 7;

struct resource_limit {
    std::uint64_t soft = 0;
    std::uint64_t hard = 0;
    friend bool operator==(const resource_limit&, const resource_limit&) = default;
};
using resource_limits = std::array<resource_limit, resources>;

/// The limits of this process, in the order of `resource`.
[[nodiscard]] resource_limits limits_of_this_process();

/// Sets one limit of this process. Throws: `os_error` naming it.
void set_limit(resource which, const resource_limit& limit);

/// The most memory that this process has had in use, in bytes.
[[nodiscard]] std::uint64_t peak_memory() noexcept;

/// Binds the calling thread to these processors, by their numbers. Throws: `os_error`.
void run_on_processors(std::span<const std::uint32_t> numbers);

/// Sets how willingly this process leaves the processor to others: -20 to 19. Throws: `os_error`.
void set_niceness(int niceness);

} // namespace ruche::os
