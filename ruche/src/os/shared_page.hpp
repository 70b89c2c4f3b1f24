#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

/// Anonymous memory with a descriptor (memfd_create(2)): nameless, freed by the kernel with its last user.
namespace ruche::os {

/// A new memory file of `bytes` zeroes, reserved now, so that a full memory is an error here and no SIGBUS later.
[[nodiscard]] fd make_memory_file(const char* label, std::size_t bytes);

/// A new memory file that holds `content`.
[[nodiscard]] fd make_memory_file(const char* label, std::span<const std::byte> content);

/// Writes into a memory file, which grows as far as it must; what was never written is zero and takes no memory.
void write_memory_file(const fd& file, std::size_t offset, std::span<const std::byte> content);

[[nodiscard]] std::size_t file_size(const fd& file);

/// What a memory file holds, to be read where it is. Nobody may shorten the file meanwhile.
class memory_view {
public:
    memory_view() noexcept = default;
    explicit memory_view(const fd& file);

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {start_.get(), size_}; }

private:
    std::shared_ptr<const std::byte> start_; // unmapped with the last copy
    std::size_t size_ = 0;
};

/// All that a memory file holds.
[[nodiscard]] std::vector<std::byte> read_memory_file(const fd& file);

/// One page of a memory file, mapped for reading and writing, for as long as the pointer lives.
[[nodiscard]] std::shared_ptr<void> map_page(const fd& file);

inline constexpr std::size_t page_bytes = 4096;

/// The page of `file` as a `T`, which must be happy to start as zeroes.
template <class T>
[[nodiscard]] std::shared_ptr<T> map_page_as(const fd& file)
{
    static_assert(sizeof(T) <= page_bytes && std::is_trivially_destructible_v<T>);
    auto page = map_page(file);
    T* object = std::launder(static_cast<T*>(page.get()));
    return {std::move(page), object};
}

} // namespace ruche::os
