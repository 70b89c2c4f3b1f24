#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace ruche {

namespace wire {
class written_objects;
inline constexpr std::size_t default_depth = 1000;

/// A part of a message that lies apart from the rest, as it is large: `bytes` belong where `at` others of it are.
struct piece {
    std::size_t at = 0;
    std::span<const std::byte> bytes;
};
} // namespace wire

/// Where values become a message: bytes, and the descriptors that go beside them.
///
///     ruche::sink message;
///     ruche::encode(message, order);
///     send(message.bytes(), message.descriptors());
///     message.clear();                                  // the next one reuses the memory
///
/// All values of one message share one memory of the objects that `shared_ptr`s refer to: an object that is met twice
/// is written once. The message keeps those objects, and its descriptors, alive until `clear`.
///
/// Thread safety: distinct objects from any threads, one object from one thread at a time.
class sink {
public:
    sink() noexcept;
    ~sink();
    sink(sink&&) noexcept;
    sink& operator=(sink&&) noexcept;

    /// The message so far. Valid until something more is encoded.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {begin_, at_}; }
    [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    /// Puts a descriptor beside the bytes and returns its number, which the reader gives to `source::take_descriptor`.
    std::uint32_t attach(std::shared_ptr<const fd> descriptor);
    [[nodiscard]] std::span<const std::shared_ptr<const fd>> descriptors() const noexcept { return descriptors_; }

    /// Forgets the message, keeps the memory.
    void clear() noexcept;

    /// How deep values may lie in one another before `encode` refuses them, so that a cycle of owners or a very long
    /// list ends in an error and not at the end of the stack.
    std::size_t max_depth = wire::default_depth;

    // The rest is for codecs inside of ruche, which keep the end of the message in a register while they write: an
    // end that other stores may alias would be loaded again after every byte.

    [[nodiscard]] std::byte* at() const noexcept { return at_; }
    void set_at(std::byte* at) noexcept { at_ = at; }

    /// Makes sure that `size` bytes can be written at `at`; returns where that is now.
    [[nodiscard, gnu::always_inline]] inline std::byte* room(std::byte* at, std::size_t size)
    {
        if (static_cast<std::size_t>(end_ - at) < size) [[unlikely]]
            return grow(at, size);
        return at;
    }
    /// How far `at` is from the start of the message.
    [[nodiscard]] std::size_t offset(const std::byte* at) const noexcept
    {
        return static_cast<std::size_t>(at - begin_) + borrowed_bytes_;
    }

    /// Whether large runs are left where they are, and only referred to, until the message is copied to where it goes.
    /// What is encoded must stay as it is until then; see `borrowing`.
    [[nodiscard]] bool borrows() const noexcept { return borrows_; }
    bool set_borrows(bool borrows) noexcept { return std::exchange(borrows_, borrows); }
    void borrow(const std::byte* at, std::span<const std::byte> run);
    [[nodiscard]] std::span<const wire::piece> borrowed() const noexcept { return borrowed_; }

    /// The number of an object, from 1, and whether it is met for the first time. Objects are told apart by address and
    /// type: a structure and its first member share an address.
    struct meeting {
        std::uint32_t number;
        bool first;
    };
    meeting meet(const void* address, const void* type);
    /// Keeps the object alive that was met first just now: a `weak_ptr` may hold the only way to it, and an address
    /// that is used again would be taken for the old object.
    void keep(std::shared_ptr<const void> object);

    void enter()
    {
        if (++depth_ > max_depth) [[unlikely]]
            refuse_depth();
    }
    void leave() noexcept { --depth_; }

    /// Writes `size` bytes over those at `offset`.
    void amend(std::size_t offset, const void* bytes, std::size_t size) noexcept
    {
        std::memcpy(begin_ + offset, bytes, size);
    }

    /// What `encode` returns to when it fails half-way, so that a message holds whole values only.
    struct mark {
        std::size_t size, descriptors, objects, depth, borrowed;
    };
    [[nodiscard]] mark here() const noexcept;
    void back_to(const mark& before) noexcept;

private:
    [[gnu::noinline, gnu::cold]] std::byte* grow(std::byte* at, std::size_t size);
    [[noreturn]] void refuse_depth() const;

    std::byte* begin_ = nullptr;
    std::byte* at_ = nullptr;
    std::byte* end_ = nullptr;
    std::size_t depth_ = 0;
    bool borrows_ = false;
    std::size_t borrowed_bytes_ = 0; ///< of `borrowed_`
    std::vector<wire::piece> borrowed_;
    std::vector<std::shared_ptr<const fd>> descriptors_;
    std::unique_ptr<wire::written_objects> objects_;
};

namespace wire {

/// While it lives, a sink refers to large runs, or copies them.
class borrowing {
public:
    borrowing(sink& out, bool borrows) noexcept : out_(out), before_(out.set_borrows(borrows)) {}
    ~borrowing() { out_.set_borrows(before_); }
    borrowing(const borrowing&) = delete;
    borrowing& operator=(const borrowing&) = delete;

private:
    sink& out_;
    bool before_;
};

} // namespace wire

} // namespace ruche
