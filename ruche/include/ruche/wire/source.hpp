#pragma once

#include <ruche/error.hpp>
#include <ruche/fd.hpp>
#include <ruche/wire/sink.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

namespace ruche {

/// How much a message may ask of its reader. A message that asks for more is refused before anything is allocated.
struct limits {
    /// How deep values may lie in one another.
    std::size_t depth = wire::default_depth;
    /// How many bytes the values may take in memory: this, and `growth` times the length of the message. A short
    /// message can stand for much memory (a hundred thousand empty optionals of a large structure), so this stops a
    /// bomb.
    std::size_t memory = std::size_t{128} << 20;
    std::size_t growth = 16;
    /// How many elements without any bytes of their own (a `vector<monostate>`) may be asked for in all.
    std::size_t empty_elements = std::size_t{1} << 20;
};

namespace wire {

/// An object of a message that `shared_ptr`s refer to, while the message is read.
struct read_object {
    std::shared_ptr<void> object;                // null while it is being made
    const void* type;                            // wire::type_mark of it
    const std::type_info* dynamic;               // the same for types with virtual functions; null for others
    void (*reset)(const std::shared_ptr<void>&); // empties it, which opens the cycles that it is in; may be null
};

} // namespace wire

/// Where a message becomes values again. The bytes may come from anywhere: nothing in them is believed.
///
///     ruche::source message(bytes, std::move(descriptors));
///     auto order = ruche::decode<shop::order>(message);
///     message.finish();                                     // nothing may be left over
///
/// Thread safety: one thread at a time. The bytes must outlive the source; the values don't refer to them.
class source {
public:
    explicit source(std::span<const std::byte> bytes, std::vector<fd> descriptors = {}, const limits& limits = {});
    ~source();
    source(source&&) noexcept = delete;

    /// Gives away descriptor `number`. Throws: `bad_message` if there is none or it was taken before.
    [[nodiscard]] fd take_descriptor(std::uint32_t number);

    /// Gives the parts of the message that lie apart, in their order. They must outlive the source, as the bytes do.
    void lend(std::span<const wire::piece> pieces);

    /// Throws `bad_message` if bytes, parts or descriptors are left over.
    void finish();

    [[nodiscard]] std::size_t left() const noexcept { return left(at_); }

    /// Throws `bad_message` for this place in the message.
    [[noreturn, gnu::cold]] void fail(std::string_view reason) const { fail_at(at_, reason); }

    // The rest is for codecs inside of ruche: as with `sink`, the place is kept in a register.

    [[nodiscard]] const std::byte* at() const noexcept { return at_; }
    void set_at(const std::byte* at) noexcept { at_ = at; }
    [[nodiscard]] std::size_t left(const std::byte* at) const noexcept { return static_cast<std::size_t>(end_ - at); }
    [[nodiscard]] std::size_t offset(const std::byte* at) const noexcept
    {
        return static_cast<std::size_t>(at - begin_) + pieces_before_;
    }
    /// Whether any part is still to be read that lies apart.
    [[nodiscard]] bool has_pieces() const noexcept { return !pieces_.empty(); }
    /// The next of them, if it belongs here, after zeros if it is `aligned`, and has this size; else null.
    [[nodiscard]] const std::byte* take_piece(std::size_t size, bool aligned);

    [[noreturn, gnu::cold, gnu::noinline]] void fail_at(const std::byte* at, std::string_view reason) const;

    [[gnu::always_inline]] inline void need(const std::byte* at, std::size_t size) const
    {
        if (left(at) < size) [[unlikely]]
            fail_short(at, size);
    }

    /// Checks a count from the message: at least `least` bytes each must be left, and `each` bytes of memory be
    /// allowed.
    [[gnu::always_inline]] inline void expect(const std::byte* at, std::uint64_t count, std::size_t least,
                                              std::size_t each)
    {
        if (least != 0 && count > left(at) / least) [[unlikely]]
            fail_count(at, count);
        if (least == 0)
            spend_empty(at, count);
        spend(at, static_cast<std::size_t>(count), each);
    }
    /// Charges memory that is about to be allocated.
    [[gnu::always_inline]] inline void spend(const std::byte* at, std::size_t count, std::size_t each)
    {
        std::size_t size = 0;
        if (__builtin_mul_overflow(count, each, &size) || size > memory_) [[unlikely]]
            fail_memory(at, count, each);
        memory_ -= size;
    }

    void enter(const std::byte* at)
    {
        if (depth_ == 0) [[unlikely]]
            fail_depth(at);
        --depth_;
    }
    void leave() noexcept { ++depth_; }

    /// The objects that were met so far; number n is at place n - 1.
    [[nodiscard]] std::vector<wire::read_object>& objects() noexcept { return objects_; }
    /// Steps over bytes that mean nothing here, and over as many objects; descriptors that lie there are closed with
    /// the source.
    void pass_over(std::size_t size, std::size_t objects);
    /// Empties the objects of a message that turned out bad; a cycle among them would live for ever otherwise.
    void abandon() noexcept;

private:
    [[noreturn, gnu::cold, gnu::noinline]] void fail_short(const std::byte* at, std::size_t size) const;
    [[noreturn, gnu::cold, gnu::noinline]] void fail_count(const std::byte* at, std::uint64_t count) const;
    [[noreturn, gnu::cold, gnu::noinline]] void fail_memory(const std::byte* at, std::size_t count,
                                                            std::size_t each) const;
    [[noreturn, gnu::cold, gnu::noinline]] void fail_depth(const std::byte* at) const;
    void spend_empty(const std::byte* at, std::uint64_t count);

    const std::byte* begin_;
    const std::byte* at_;
    const std::byte* end_;
    std::size_t memory_;
    std::size_t depth_;
    std::size_t empty_elements_;
    bool passed_over_ = false;
    limits limits_;
    std::span<const wire::piece> pieces_; ///< those still to be read
    std::size_t pieces_before_ = 0;       ///< bytes of those that were read
    std::vector<fd> descriptors_;
    std::vector<wire::read_object> objects_;
};

} // namespace ruche
