#pragma once

#include <cstddef>
#include <cstdint>

namespace feed {

namespace detail {
struct list_access;
}

/// A read-only sequence inside a document: what `std::span<const T>` is, but of half the size.
///
/// It lives as long as the `document` that it came from, moved or not, and is cheap to copy.
template <class T>
class list {
public:
    using value_type = T;
    using const_iterator = const T*;

    [[nodiscard]] const T* begin() const noexcept { return data_; }
    [[nodiscard]] const T* end() const noexcept { return data_ + size_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// Undefined if `index` is not below `size()`, as for `std::span`.
    [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return data_[index]; }
    [[nodiscard]] const T& front() const noexcept { return data_[0]; }
    [[nodiscard]] const T& back() const noexcept { return data_[size_ - 1]; }

private:
    friend struct detail::list_access;
    T* data_ = nullptr;
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = 0;
};

} // namespace feed
