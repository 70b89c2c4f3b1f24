#pragma once

#include <ruche/detail/shared_block.hpp>
#include <ruche/mutex.hpp>

#include <array>
#include <atomic>
#include <concepts>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace ruche {

namespace detail {

template <class T>
inline constexpr bool is_atomic = false;
template <class T>
inline constexpr bool is_atomic<std::atomic<T>> = std::atomic<T>::is_always_lock_free;

/// What a block is for, so that one can't be opened as another.
template <class T>
inline constexpr std::uint64_t shared_kind = 0x7368'6172'0000'0000 ^ (sizeof(T) << 8 | alignof(T));

template <class T>
inline constexpr std::uint64_t array_kind = shared_kind<T> ^ 0x6172'7261'7900'0000;

} // namespace detail

namespace detail {

/// What arrived for a handle on a `T`.
template <class T>
[[nodiscard]] std::shared_ptr<shared_block> open_received(fd memory, std::uint64_t kind)
{
    if constexpr (std::is_const_v<T>)
        return open_block_to_read(std::move(memory), kind);
    else
        return open_block(std::move(memory), kind);
}

} // namespace detail

/// What may lie in shared memory as it is: values whose bytes mean the same in every process. (That no pointer hides in
/// a structure can't be checked: addresses of one process are nothing in another.)
template <class T>
concept shareable = ((std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>) ||
                     detail::is_atomic<T>)&&!std::is_pointer_v<T> &&
                    !std::is_reference_v<T>;

/// One `T` that processes share.
///
///     ruche::shared<long> total(0);
///     ruche::process p(add, m, total);
///     std::scoped_lock lock(m);
///     *total += 1;
///
/// A handle: copies, and what another process receives, refer to the same object and compare equal. Constness is the
/// object's, not the handle's: `shared<const T>` only reads. A `shared<T>` converts to it; and a process that was sent
/// one, as a parameter or in a message, has the memory mapped so that whatever tries to write to it is a fault.
///
/// Thread safety: the object is ordinary memory. Two that touch it at once, one of them writing, need a lock or an
/// atomic:
///   `shared<std::atomic<int>>`, or `synchronized<T>`, which has its lock with it.
/// Memory: reserved when it is made, so a full machine is an `os_error` then and never a SIGBUS later; freed by the
/// kernel
///   with the last process that holds it.
/// If a process dies while it writes: the object stays half written, as after `owner_died`.
template <class T>
class shared : public detail::block_handle {
public:
    static_assert(shareable<std::remove_const_t<T>>,
                  "T cannot lie in shared memory: it must be trivially copyable, without pointers, or a lock-free "
                  "std::atomic; send it through a ruche::queue, or keep it in a ruche::actor");

    shared() : shared(std::in_place) {}
    explicit shared(const std::remove_const_t<T>& value) requires(std::copy_constructible<std::remove_const_t<T>>) :
        shared(std::in_place, value)
    {}
    /// Makes it from the value that an atomic starts with.
    template <class Value>
    explicit shared(const Value& value) requires(detail::is_atomic<std::remove_const_t<T>>) :
        shared(std::in_place, value)
    {}
    explicit shared(detail::received_block received) :
        block_handle(detail::open_received<T>(std::move(received.memory), detail::shared_kind<std::remove_const_t<T>>))
    {}
    /// The same object, to be read only.
    template <std::same_as<std::remove_const_t<T>> Mutable>
    shared(const shared<Mutable>& other) requires(std::is_const_v<T>) : block_handle(other.block())
    {}

    [[nodiscard]] T& operator*() const { return state<T>(); }
    [[nodiscard]] T* operator->() const { return &state<T>(); }

private:
    template <class... Arguments>
    explicit shared(std::in_place_t, const Arguments&... arguments) :
        block_handle(detail::make_block(sizeof(T), detail::shared_kind<std::remove_const_t<T>>, "ruche-shared"))
    {
        std::construct_at(&state<std::remove_const_t<T>>(), arguments...);
    }
};

/// A fixed number of `T`s that processes share: a contiguous range.
///
///     ruche::shared_array<double> cells(1000);               // zero at first
///     ruche::process left(fill, cells, 0, 500), right(fill, cells, 500, 1000);
///
/// A handle, as `shared` is; the same holds for locks, memory and deaths, and for `shared_array<const T>`, which only
/// reads. Its size never changes: the memory is sealed.
template <class T>
class shared_array : public detail::block_handle {
public:
    static_assert(shareable<std::remove_const_t<T>>,
                  "T cannot lie in shared memory: it must be trivially copyable, without pointers, or a "
                  "lock-free std::atomic");
    using value_type = std::remove_const_t<T>;
    using iterator = T*;

    explicit shared_array(std::size_t size) requires(!std::is_const_v<T>) :
        block_handle(detail::make_block(bytes_for(size), detail::array_kind<T>, "ruche-array"))
    {
        std::uninitialized_value_construct_n(begin(), size);
    }
    explicit shared_array(detail::received_block received) :
        block_handle(detail::open_received<T>(std::move(received.memory), detail::array_kind<std::remove_const_t<T>>))
    {}
    /// The same array, to be read only.
    template <std::same_as<std::remove_const_t<T>> Mutable>
    shared_array(const shared_array<Mutable>& other) requires(std::is_const_v<T>) : block_handle(other.block())
    {}

    [[nodiscard]] T& operator[](std::size_t index) const { return begin()[index]; }
    /// Throws: `std::out_of_range`.
    [[nodiscard]] T& at(std::size_t index) const
    {
        if (index >= size())
            throw std::out_of_range("index " + std::to_string(index) + " of a shared array of " +
                                    std::to_string(size()));
        return begin()[index];
    }
    [[nodiscard]] T* begin() const { return &state<T>(); }
    [[nodiscard]] T* end() const { return begin() + size(); }
    [[nodiscard]] T* data() const { return begin(); }
    [[nodiscard]] std::size_t size() const { return detail::size_of(*block()) / sizeof(T); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::span<T> span() const { return {begin(), size()}; }

private:
    static std::size_t bytes_for(std::size_t size)
    {
        std::size_t bytes = 0;
        if (__builtin_mul_overflow(size, sizeof(T), &bytes))
            throw std::length_error("a shared array of " + std::to_string(size) + " elements");
        return bytes;
    }
};

/// So many bytes that processes share.
using shared_memory = shared_array<std::byte>;

/// A `T` that can only be reached with its lock held.
///
///     ruche::synchronized<counts> seen;
///     seen->articles += 3;                                   // locked for this statement
///     {
///         auto now = seen.lock();                            // … or for this block
///         now->feeds += 1;
///         now->articles = 0;
///     }
///     const counts copy = seen.snapshot();                   // whole, never half of an update
///
/// A handle: copies, and what another process receives, are the same object.
///
/// An update counts when its `access` ends, all of it or nothing. If an exception ends it, or its process dies in it,
/// the object is as it was before.
template <class T>
class synchronized {
    static_assert(shareable<T> && std::copyable<T>, "T cannot lie in shared memory: it must be trivially copyable");

    // Two copies, of which `which` names the one that counts. A writer works on the other: one store makes it count.
    struct cells {
        T copies[2];
        std::atomic<std::uint32_t> which{0};
    };

public:
    synchronized() : synchronized(T()) {}
    explicit synchronized(const T& value) : cells_(std::array<std::byte, sizeof(cells)>{})
    {
        std::construct_at(&memory().copies[0], value);
        std::construct_at(&memory().copies[1], value);
        std::construct_at(&memory().which, 0U);
    }

    /// The object while its lock is held; what was changed counts for others when this ends.
    class access {
    public:
        explicit access(const synchronized& owner) : lock_(owner.mutex_), owner_(owner)
        {
            cells& all = owner_.memory();
            const std::uint32_t now = all.which.load(std::memory_order_relaxed);
            mine_ = &all.copies[1 - now];
            *mine_ = all.copies[now];
        }
        access(const access&) = delete;
        access& operator=(const access&) = delete;
        ~access()
        {
            cells& all = owner_.memory();
            // The one store: before it nothing has changed, after it all has.
            if (std::uncaught_exceptions() == exceptions_)
                all.which.store(mine_ == &all.copies[1], std::memory_order_release);
        }

        [[nodiscard]] T* operator->() const noexcept { return mine_; }
        [[nodiscard]] T& operator*() const noexcept { return *mine_; }

    private:
        struct guard {
            mutex which;
            explicit guard(mutex m) : which(std::move(m)) { which.lock(); }
            guard(const guard&) = delete;
            guard& operator=(const guard&) = delete;
            ~guard() { which.unlock(); }
        };
        guard lock_;
        synchronized owner_;
        T* mine_;
        int exceptions_ = std::uncaught_exceptions();
    };

    [[nodiscard]] access lock() const { return access(*this); }
    [[nodiscard]] access operator->() const { return access(*this); }

    /// A copy of it as it was at one moment.
    [[nodiscard]] T snapshot() const
    {
        mutex m = mutex_;
        const std::scoped_lock lock(m);
        return memory().copies[memory().which.load(std::memory_order_acquire)];
    }

    friend bool operator==(const synchronized& a, const synchronized& b) noexcept { return a.cells_ == b.cells_; }

private:
    friend struct codec<synchronized>;
    synchronized(mutex m, shared<std::array<std::byte, sizeof(cells)>> all) :
        mutex_(std::move(m)), cells_(std::move(all))
    {}
    [[nodiscard]] cells& memory() const { return *reinterpret_cast<cells*>(cells_->data()); }

    mutex mutex_;
    shared<std::array<std::byte, sizeof(cells)>> cells_;
};

template <class T>
struct codec<shared<T>> : detail::block_codec<shared<T>> {};
template <class T>
struct codec<shared_array<T>> : detail::block_codec<shared_array<T>> {};
template <class T>
struct codec<shared<const T>> : detail::read_only_codec<shared<const T>> {};
template <class T>
struct codec<shared_array<const T>> : detail::read_only_codec<shared_array<const T>> {};
template <class T>
struct codec<synchronized<T>> {
    static constexpr bool handles = true;
    static void put(sink& out, const synchronized<T>& value)
    {
        encode(out, value.mutex_);
        encode(out, value.cells_);
    }
    static synchronized<T> get(source& in)
    {
        auto m = decode<mutex>(in);
        return {std::move(m), decode<decltype(synchronized<T>::cells_)>(in)};
    }
};

} // namespace ruche
