#pragma once

#include <ruche/wire/members.hpp>
#include <ruche/wire/sink.hpp>
#include <ruche/wire/source.hpp>
#include <ruche/wire/text.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// How values travel, below what users see. `form<T>` is the form of `T` on the wire; each family of types has a header
/// with its forms. A form says
///
///     tag        the words that stand for it in the fingerprint
///     parts      the types inside, as types<...>, and steps, the words of a path that lead to each
///     least      the fewest bytes that a value takes
///     fixed      whether every value takes that many
///     plain      whether room(v, sink), the most bytes that v takes there, can be told without a loop
///     flat       whether the bytes of an object are its bytes on the wire
///     any_bytes  whether, besides, every pattern of bytes is a value
///     weight     how much code it is, to decide what is inlined
///     put(at, sink, v) -> at      writes v; if plain, the caller has made room
///     get(at, source) -> T        reads a value and moves at; if fixed, the caller has checked the bytes
///
/// The place in the message is passed from call to call and so stays in a register.
namespace ruche::wire {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian, and so must be the machine");

/// Why a type can't be sent. Each has its advice in sendable.hpp.
enum class why {
    none,
    raw_pointer,
    function_pointer,
    member_pointer,
    reference,
    nothing,
    function,
    view,
    stream,
    mutex,
    thread,
    future,
    atomic,
    any,
    callable,
    lambda,
    array_pointer,
    deleter,
    allocator,
    union_type,
    base_with_data,
    too_many_members,
    bit_field,
    no_default,
    private_class,
    state_without_way_back,
    polymorphic,
    unbounded_array,
    is_volatile,
    incomplete,
    said,
    not_portable
};

template <class T>
struct form;

/// The parts that every form has; forms override what differs.
struct any_form {
    using parts = types<>;
    static constexpr std::array<std::string_view, 0> steps{};
    static constexpr why refusal = why::none;
    static constexpr bool fixed = false, plain = false, flat = false, any_bytes = false;
    static constexpr bool evolves = false; // whether its parts may differ between builds
    static constexpr bool leaf = false;    // whether it is short and calls no other form
    static constexpr bool handles = false; // whether it attaches descriptors by itself
    static constexpr bool portable = true; // whether another build reads it alike
    static constexpr std::size_t least = 0;
    static constexpr std::size_t weight = 1;
};

/// The form of what can't be sent.
template <why Reason>
struct refused : any_form {
    static constexpr why refusal = Reason;
    static constexpr std::string_view tag = "refused";
};

/// More code than this at one place is called, not inlined.
inline constexpr std::size_t most_inlined = 24;
/// The weight of a form that is never inlined into another: one that may contain itself.
inline constexpr std::size_t apart = 1000;

template <class T>
inline constexpr bool is_inlined = form<T>::weight <= most_inlined;

/// What a part adds to the weight of the whole.
template <class T>
inline constexpr std::size_t weight_in_whole = is_inlined<T> ? form<T>::weight : 1;

// ---- writing

template <class Number>
[[gnu::always_inline]] inline std::byte* put_number(std::byte* at, Number number) noexcept
{
    std::memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

inline constexpr std::uint32_t long_count = 0xffffffff;
inline constexpr std::size_t count_room = 12;

/// A count takes four bytes, or four and eight where it does not fit.
[[gnu::always_inline]] inline std::byte* put_count(std::byte* at, std::size_t count) noexcept
{
    if (count < long_count) [[likely]]
        return put_number(at, static_cast<std::uint32_t>(count));
    at = put_number(at, long_count);
    return put_number(at, std::uint64_t{count});
}

/// Runs of flat elements of this size and more start at a multiple of 16, so that they can be read where they lie.
inline constexpr std::size_t aligned_run = 64;

template <class Element>
inline constexpr bool may_be_aligned = alignof(Element) > 1;

/// Runs of this size and more need not be copied into the message: a sink that borrows refers to them where they are.
inline constexpr std::size_t large_run = std::size_t{64} * 1024;

/// Whether a run of such elements may lie apart: if every pattern of bytes is a value, nothing in it has to be checked.
template <class Element>
inline constexpr bool may_lie_apart = form<Element>::any_bytes;

template <class Element>
[[gnu::always_inline]] inline std::size_t run_room(std::size_t count, const sink& out) noexcept
{
    const std::size_t size = count * sizeof(Element);
    if (may_lie_apart<Element> && size >= large_run && out.borrows()) [[unlikely]]
        return 16;
    return size + (may_be_aligned<Element> ? 15 : 0);
}

/// Zeros before a run of `count` elements, if it is one that is aligned. There is room for 16 bytes.
template <class Element>
[[gnu::always_inline]] inline std::byte* pad_run(std::byte* at, const sink& out, std::size_t count) noexcept
{
    if (may_be_aligned<Element> && count * sizeof(Element) >= aligned_run) {
        std::memset(at, 0, 16);
        at += -out.offset(at) & 15;
    }
    return at;
}

/// Writes elements as they lie in memory. All large data passes here, and comes back through `get_run`.
template <class Element>
[[gnu::always_inline]] inline std::byte* put_run(std::byte* at, sink& out, const Element* elements, std::size_t count)
{
    const std::size_t size = count * sizeof(Element);
    at = pad_run<Element>(at, out, count);
    if (may_lie_apart<Element> && size >= large_run && out.borrows()) [[unlikely]] {
        out.borrow(at, std::as_bytes(std::span(elements, count)));
        return at;
    }
    if (size != 0)
        std::memcpy(at, elements, size);
    return at + size;
}

template <class T>
[[gnu::noinline]] std::byte* put_apart(std::byte* at, sink& out, const T& value)
{
    out.enter();
    if constexpr (form<T>::plain)
        at = out.room(at, form<T>::room(value, out));
    at = form<T>::put(at, out, value);
    out.leave();
    return at;
}

/// Writes one value, making room.
template <class T>
[[gnu::always_inline]] inline std::byte* put_part(std::byte* at, sink& out, const T& value)
{
    if constexpr (!is_inlined<T>)
        return put_apart<T>(at, out, value);
    if constexpr (form<T>::plain)
        at = out.room(at, form<T>::room(value, out));
    return form<T>::put(at, out, value);
}

// ---- reading

template <class Number>
[[gnu::always_inline]] inline Number load(const std::byte* at) noexcept
{
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
}

template <class Number>
[[gnu::always_inline]] inline Number get_number(const std::byte*& at, source& in)
{
    in.need(at, sizeof(Number));
    const auto number = load<Number>(at);
    at += sizeof(Number);
    return number;
}

/// A count is only worth something once `source::expect` has looked at it.
[[gnu::always_inline]] inline std::uint64_t get_raw_count(const std::byte*& at, source& in)
{
    const std::uint64_t count = get_number<std::uint32_t>(at, in);
    if (count != long_count) [[likely]]
        return count;
    const auto large = get_number<std::uint64_t>(at, in);
    if (large < long_count)
        in.fail_at(at, "a count is written the long way without need");
    return large;
}

/// Reads a count of elements of at least `least` bytes, which will take `each` bytes of memory.
[[gnu::always_inline]] inline std::size_t get_count(const std::byte*& at, source& in, std::size_t least,
                                                    std::size_t each)
{
    const std::uint64_t count = get_raw_count(at, in);
    in.expect(at, count, least, each);
    return static_cast<std::size_t>(count);
}

/// Steps over the padding before a run; what `put_run` wrote. The bytes of the run are there afterwards.
template <class Element>
[[gnu::always_inline]] inline void align_run(const std::byte*& at, source& in, std::size_t count)
{
    const std::size_t size = count * sizeof(Element); // can't overflow: expect() has compared it with the bytes left
    if (may_be_aligned<Element> && size >= aligned_run) {
        const std::size_t padding = -in.offset(at) & 15;
        in.need(at, padding);
        for (std::size_t i = 0; i != padding; ++i)
            if (at[i] != std::byte{0}) [[unlikely]]
                in.fail_at(at + i, "the padding is not zero");
        at += padding;
    }
    in.need(at, size);
}

/// Writes the place back that a called function has reached.
class resume {
public:
    [[gnu::always_inline]] resume(const std::byte*& at, const source& in) noexcept : at_(at), in_(in) {}
    [[gnu::always_inline]] ~resume() { at_ = in_.at(); }
    resume(const resume&) = delete;
    resume& operator=(const resume&) = delete;

private:
    const std::byte*& at_;
    const source& in_;
};

/// Keeps the place in a local variable, and leaves it in the source at the end.
class local_place {
public:
    [[gnu::always_inline]] local_place(const std::byte*& at, source& in) noexcept : at_(at), in_(in) {}
    [[gnu::always_inline]] ~local_place() { in_.set_at(at_); }
    local_place(const local_place&) = delete;
    local_place& operator=(const local_place&) = delete;

private:
    const std::byte*& at_;
    source& in_;
};

template <class T>
[[gnu::always_inline]] inline T get_checked(const std::byte*& at, source& in)
{
    if constexpr (form<T>::fixed)
        in.need(at, form<T>::least);
    return form<T>::get(at, in);
}

/// Counts how deep the values lie, also where one throws.
class deeper {
public:
    deeper(source& in, const std::byte* at) : in_(in) { in_.enter(at); }
    ~deeper() { in_.leave(); }
    deeper(const deeper&) = delete;
    deeper& operator=(const deeper&) = delete;

private:
    source& in_;
};

template <class T>
[[gnu::noinline]] T get_apart(source& in)
{
    const std::byte* at = in.at();
    const deeper level(in, at);
    const local_place place(at, in);
    return get_checked<T>(at, in);
}

/// Reads one value, checking that its bytes are there.
template <class T>
[[gnu::always_inline]] inline T get_part(const std::byte*& at, source& in)
{
    if constexpr (is_inlined<T>) {
        return get_checked<T>(at, in);
    } else {
        in.set_at(at);
        const resume rest(at, in);
        return get_apart<T>(in);
    }
}

/// Throws `error` again with one more step before its path.
[[noreturn, gnu::cold, gnu::noinline]] void rethrow_within(const bad_message& error, std::string_view step);
[[noreturn, gnu::cold, gnu::noinline]] void rethrow_at(const bad_message& error, std::size_t index);

} // namespace ruche::wire
