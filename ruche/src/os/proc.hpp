#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Other processes, as /proc and the kernel show them (proc(5)). What is gone meanwhile, or forbidden, is empty: nobody
/// who looks from outside can do anything about it.
namespace ruche::os::proc {

[[nodiscard]] std::vector<int> processes();

struct facts {
    int parent = 0;
    char state = '?';
    unsigned threads = 0;
    std::uint64_t resident = 0; ///< bytes
    std::string name;
    std::string command; ///< the first word of its command line, which a process of ruche sets to its name
};
[[nodiscard]] std::optional<facts> look_at(int process);

/// The process that a thread belongs to; 0 if it is gone.
[[nodiscard]] int process_of(int thread);

/// A piece of anonymous memory (memfd_create(2)) that a process has mapped.
struct mapping {
    std::uint64_t begin = 0, end = 0;
    std::uint64_t offset = 0; ///< in the memory
    std::uint64_t inode = 0;
    std::string label;
};
[[nodiscard]] std::vector<mapping> memory_mappings(int process);

/// A descriptor of such a piece.
struct memory_descriptor {
    int number = 0;
    std::uint64_t inode = 0;
    std::string label;
};
[[nodiscard]] std::vector<memory_descriptor> memory_descriptors(int process);

/// Reads from the memory of another process. Nothing if that is forbidden, or it is gone.
[[nodiscard]] bool read_memory(int process, std::uint64_t address, std::span<std::byte> into);

/// What another process has open, mapped here to be read only.
class view {
public:
    view() noexcept = default;
    view(int process, const memory_descriptor& which) noexcept;
    view(view&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
    view& operator=(view&& other) noexcept
    {
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    view(const view&) = delete;
    view& operator=(const view&) = delete;
    ~view();

    /// Empty if it could not be mapped.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

private:
    std::span<const std::byte> bytes_;
};

} // namespace ruche::os::proc
