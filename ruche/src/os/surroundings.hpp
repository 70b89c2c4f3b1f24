#pragma once

#include <ruche/fd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// What a process inherits from the one that starts it, read at the call and put in force in the child.
namespace ruche::os {

[[nodiscard]] bool is_open(int number) noexcept;

/// The directory at `path`, or the working directory if that is empty, whatever its name may become.
[[nodiscard]] fd open_directory(const std::filesystem::path& path);

/// Every setting, `NAME=VALUE`, each ended by a zero byte.
[[nodiscard]] std::string environment_block();

/// The file mode creation mask. (umask(2) can only be read by changing it, for all threads: /proc tells without.)
[[nodiscard]] std::uint32_t file_mode_mask();

/// The calling thread's blocked signals, a bit each.
[[nodiscard]] std::uint64_t signal_mask();

/// Puts `number` of ours in place of descriptor 0, 1 or 2; an empty one closes it.
void replace_standard_stream(int number, const fd& replacement);
void change_directory(const fd& directory);
/// `block` as from `environment_block`; it must outlive the process.
void replace_environment(std::string& block);
void set_file_mode_mask(std::uint32_t mask);
void set_signal_mask(std::uint64_t mask);

/// Closes every descriptor from `first` on, except those in `kept`.
void close_descriptors_from(int first, std::vector<int> kept);

} // namespace ruche::os
