#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

/// Memory that processes share: a nameless file (memfd_create(2)) and the places where it is mapped.
namespace ruche::os {

/// A file of `size` bytes that lives in memory, has no name anywhere and can never change its size. Its pages are
/// holes until `reserve` takes them. `label` only appears in /proc/PID/maps. Throws: `os_error`.
[[nodiscard]] fd make_memory(const char* label, std::size_t size);

/// Takes the pages of a range now, so that a full machine is an error here and never a SIGBUS at some later access.
/// Ranges that are reserved already stay as they are. Throws: `os_error` (ENOSPC, ENOMEM).
/// What is plainly more than the machine has is refused before the kernel is asked: it would end processes to find
/// room.
void reserve(const fd& memory, std::size_t offset, std::size_t size);

/// Whether the machine has so much memory to give, as far as /proc/meminfo knows.
[[nodiscard]] bool is_available(std::size_t size) noexcept;

/// Gives the pages of a range back to the system; the range reads as zero and has to be reserved again.
void release(const fd& memory, std::size_t offset, std::size_t size) noexcept;

/// What tells one memory file from another, whichever descriptor it came by.
struct memory_identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    friend auto operator<=>(const memory_identity&, const memory_identity&) noexcept = default;
};
[[nodiscard]] memory_identity identity(const fd& memory);

/// The size of a memory file, after checking that it can't shrink under a mapping. Throws: `os_error`.
[[nodiscard]] std::size_t sealed_size(const fd& memory);

/// Another descriptor of a memory file, which can be mapped for reading only. Throws: `os_error`.
[[nodiscard]] fd reopen_to_read(const fd& memory);

enum class access { write, read }; ///< `write`: reading too

/// The size of a page; every offset and length of a view is a multiple of it.
[[nodiscard]] std::size_t page_size() noexcept;

/// Parts of one memory file, mapped one behind the other (a part may appear twice). Unmapped with its owner.
class [[nodiscard]] shared_mapping {
public:
    struct view {
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    shared_mapping() noexcept = default;

    /// Maps `views` in their order. Throws: `os_error`, also if the descriptor doesn't permit to write.
    shared_mapping(const fd& memory, std::initializer_list<view> views, access how = access::write);

    shared_mapping(shared_mapping&& other) noexcept :
        begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0))
    {}
    shared_mapping& operator=(shared_mapping&& other) noexcept
    {
        std::swap(begin_, other.begin_);
        std::swap(size_, other.size_);
        return *this;
    }
    shared_mapping(const shared_mapping&) = delete;
    shared_mapping& operator=(const shared_mapping&) = delete;
    ~shared_mapping();

    /// Leaves the memory mapped for as long as the process lives.
    void leave() noexcept { begin_ = nullptr; }

    [[nodiscard]] std::byte* data() const noexcept { return begin_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::byte* begin_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace ruche::os
