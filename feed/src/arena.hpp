#pragma once

#include <feed/list.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace feed::detail {

/// Memory that is taken piece by piece and given back all at once. What lies in it is trivially destructible.
class arena {
public:
    /// `size` bytes, aligned for `alignment`.
    char* allocate(std::size_t size, std::size_t alignment)
    {
        const std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
        if (start + size > capacity_)
            return allocate_slowly(size);
        used_ = start + size;
        return block_ + start;
    }

    /// A copy of `text` that lives as long as the arena; never null.
    std::string_view copy(std::string_view text)
    {
        char* const place = allocate(text.size() + 1, 1);
        if (!text.empty())
            std::memcpy(place, text.data(), text.size());
        return {place, text.size()};
    }

    template <class T>
    T* create(const T& value)
    {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T), alignof(T))) T(value);
    }

    [[nodiscard]] std::size_t size() const noexcept { return total_; }

private:
    char* allocate_slowly(std::size_t size)
    {
        const std::size_t block = std::max<std::size_t>(size, std::min<std::size_t>(next_block_, 1U << 20));
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
        total_ += block;
        if (size >= next_block_) // a giant of its own; the block in use stays in use
            return blocks_.back().get();
        next_block_ *= 2;
        block_ = blocks_.back().get();
        capacity_ = block;
        used_ = size;
        return block_;
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* block_ = nullptr;
    std::size_t used_ = 0;
    std::size_t capacity_ = 0;
    std::size_t next_block_ = 4096;
    std::size_t total_ = 0;
};

/// The one way to write into a `list`.
struct list_access {
    template <class T>
    static T& append(arena& memory, list<T>& to, const T& value)
    {
        static_assert(std::is_trivially_copyable_v<T> || std::is_trivially_destructible_v<T>);
        if (to.size_ == to.capacity_)
            grow(memory, to);
        return *new (to.data_ + to.size_++) T(value);
    }

    template <class T>
    static T& back(list<T>& of) noexcept
    {
        return of.data_[of.size_ - 1];
    }

    template <class T>
    static T* begin(list<T>& of) noexcept
    {
        return of.data_;
    }

    template <class T>
    static void shrink(list<T>& to, std::size_t size) noexcept
    {
        to.size_ = static_cast<std::uint32_t>(size);
    }

private:
    template <class T>
    static void grow(arena& memory, list<T>& to)
    {
        const std::uint32_t capacity = to.capacity_ == 0 ? 2 : to.capacity_ * 2;
        T* const place = reinterpret_cast<T*>(memory.allocate(capacity * sizeof(T), alignof(T)));
        std::uninitialized_copy(to.data_, to.data_ + to.size_, place);
        to.data_ = place;
        to.capacity_ = capacity;
    }
};

/// What a document owns: its bytes as UTF-8, and all that had to be made beside them.
struct storage {
    std::string bytes;
    std::vector<std::string> pieces; ///< of a document that came in pieces, instead
    detail::arena memory;
};

} // namespace feed::detail
