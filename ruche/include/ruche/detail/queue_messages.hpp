#pragma once

#include <ruche/detail/queue_core.hpp>
#include <ruche/wire.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <ranges>
#include <stdexcept>
#include <type_traits>

/// Between the values of a `queue<T>` and the bytes of its core. Not for use by programs.
namespace ruche::detail {

/// A buffer that is used over and over by one thread, so that a push or a pop allocates nothing once its thread is
/// warm. Whoever finds it in use (a codec that itself pops) gets one for this call alone.
template <class Buffer>
class spare {
public:
    spare() : buffer_(kept().in_use ? new Buffer : &kept().buffer), is_kept_(!kept().in_use)
    {
        if (is_kept_)
            kept().in_use = true;
    }
    spare(const spare&) = delete;
    spare& operator=(const spare&) = delete;
    ~spare()
    {
        if (!is_kept_) {
            delete buffer_;
            return;
        }
        if (size_of(*buffer_) > most_kept)
            *buffer_ = Buffer();
        else
            buffer_->clear();
        kept().in_use = false;
    }

    [[nodiscard]] Buffer& operator*() const noexcept { return *buffer_; }
    [[nodiscard]] Buffer* operator->() const noexcept { return buffer_; }

private:
    static constexpr std::size_t most_kept = std::size_t{256} * 1024;

    struct place {
        Buffer buffer;
        bool in_use = false;
    };
    static place& kept()
    {
        thread_local place here;
        return here;
    }
    static std::size_t size_of(const Buffer& buffer) noexcept
    {
        if constexpr (requires { buffer.bytes.capacity(); })
            return buffer.bytes.capacity();
        else
            return buffer.size();
    }

    Buffer* buffer_;
    bool is_kept_;
};

/// Whether the bytes of a `T` are what travels, so that it can be copied as it lies.
template <class T>
inline constexpr bool travels_as_it_is = [] {
    if constexpr (sendable<T> && std::is_trivially_copyable_v<T>)
        return wire::form<T>::flat && wire::form<T>::any_bytes;
    else
        return false;
}();

/// Calls `use` with the message that `value` becomes.
template <class T, class Use>
auto with_message(const T& value, Use use)
{
    if constexpr (travels_as_it_is<T>) {
        return use(outgoing{std::as_bytes(std::span(&value, 1)), {}});
    } else {
        const spare<sink> message; // encoded before any lock is taken
        const wire::borrowing large(*message, true);
        encode(*message, value);
        return use(outgoing{message->bytes(), message->descriptors(), message->borrowed()});
    }
}

/// Several values on their way in, one behind the other in one message each.
class outgoing_batch {
public:
    /// `stays` says that the value will still be there when the items are pushed.
    template <class T>
    void add(const T& value, bool stays)
    {
        if (used_ == messages_.size())
            messages_.emplace_back();
        sink& message = messages_[used_++];
        const wire::borrowing large(message, stays);
        encode(message, value);
    }

    [[nodiscard]] std::span<const outgoing> items()
    {
        items_.clear();
        for (std::size_t i = 0; i < used_; ++i)
            items_.push_back({messages_[i].bytes(), messages_[i].descriptors(), messages_[i].borrowed()});
        return items_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return used_ * 256; }

    void clear() noexcept
    {
        for (std::size_t i = 0; i < used_; ++i)
            messages_[i].clear();
        used_ = 0;
    }

private:
    std::vector<sink> messages_;
    std::size_t used_ = 0;
    std::vector<outgoing> items_;
};

inline constexpr std::size_t most_flat_bytes = std::size_t{64} * 1024; ///< that are popped at once

/// The values of a range as they lie, or copies of them.
template <class T, class Range>
[[nodiscard]] flat_items flat_items_of(Range& values, std::vector<std::byte>& copies)
{
    static_assert(travels_as_it_is<T>);
    if constexpr (std::ranges::contiguous_range<Range> && std::ranges::sized_range<Range> &&
                  std::same_as<std::ranges::range_value_t<Range>, T>) {
        const auto bytes = std::as_bytes(std::span<const T>(std::ranges::data(values), std::ranges::size(values)));
        return {bytes.data(), sizeof(T), bytes.size() / sizeof(T)};
    } else {
        for (const auto& value : values) {
            const T& one = static_cast<const T&>(value);
            const auto bytes = std::as_bytes(std::span(&one, 1));
            copies.insert(copies.end(), bytes.begin(), bytes.end());
        }
        return {copies.data(), sizeof(T), copies.size() / sizeof(T)};
    }
}

template <class T>
void append_flat(std::vector<T>& values, std::span<const std::byte> bytes)
{
    values.reserve(values.size() + bytes.size() / sizeof(T));
    for (; !bytes.empty(); bytes = bytes.subspan(sizeof(T))) {
        std::array<std::byte, sizeof(T)> one;
        std::memcpy(one.data(), bytes.data(), sizeof(T));
        values.push_back(std::bit_cast<T>(one));
    }
}

template <class T>
[[nodiscard]] T decode_message(incoming& items, const incoming::part& before, const incoming::part& here)
{
    std::vector<fd> descriptors;
    for (std::size_t i = before.descriptors_end; i < here.descriptors_end; ++i)
        descriptors.push_back(std::move(items.descriptors[i]));
    const auto finish = [](source& message) {
        T value = decode<T>(message);
        message.finish();
        return value;
    };
    const auto bytes = std::span<const std::byte>(items.bytes).subspan(before.end, here.end - before.end);
    if (!here.packed) {
        source message(bytes, std::move(descriptors));
        return finish(message);
    }
    const packed_message parts(items.lent.empty() ? bytes : items.lent);
    source message(parts.bytes(), std::move(descriptors));
    message.lend(parts.apart());
    return finish(message);
}

/// Gives back what a queue or a channel has lent, once its value was made.
template <class From>
class borrowed_room {
public:
    borrowed_room(From& from, const incoming& item) noexcept : from_(from), item_(item) {}
    borrowed_room(const borrowed_room&) = delete;
    borrowed_room& operator=(const borrowed_room&) = delete;
    ~borrowed_room() { end_loan(from_, item_); }

private:
    From& from_;
    const incoming& item_;
};

/// The value of item `index` of what was popped.
template <class T>
[[nodiscard]] T decode_item(incoming& items, std::size_t index)
{
    const incoming::part before = index == 0 ? incoming::part{} : items.parts[index - 1];
    const incoming::part here = items.parts[index];
    if constexpr (travels_as_it_is<T>) {
        if (here.packed || here.end - before.end != sizeof(T))
            throw bad_message("the item has another size", before.end);
        std::array<std::byte, sizeof(T)> bytes;
        std::memcpy(bytes.data(), items.bytes.data() + before.end, sizeof(T));
        return std::bit_cast<T>(bytes);
    } else {
        return decode_message<T>(items, before, here);
    }
}

/// Gives a lease back unless somebody has taken care of it.
class unfinished {
public:
    unfinished(queue_core& queue, const lease_place& place) noexcept : queue_(&queue), place_(place) {}
    unfinished(const unfinished&) = delete;
    unfinished& operator=(const unfinished&) = delete;
    ~unfinished()
    {
        if (queue_)
            return_lease(*queue_, place_);
    }
    void dismiss() const noexcept { queue_ = nullptr; }

private:
    mutable queue_core* queue_;
    lease_place place_;
};

template <class T>
inline constexpr std::size_t descriptors_of_a_queue = carries_handles<T> ? 4 : 2;

/// The queue behind a handle. Throws `std::logic_error` if the handle was moved from.
inline queue_core& check_handle(const std::shared_ptr<queue_core>& core)
{
    if (!core) [[unlikely]]
        throw std::logic_error("use of a queue handle that was moved from");
    return *core;
}

} // namespace ruche::detail
