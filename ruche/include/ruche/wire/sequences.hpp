#pragma once

#include <ruche/wire/form.hpp>

#include <bitset>
#include <deque>
#include <forward_list>
#include <iterator>
#include <list>
#include <memory>
#include <queue>
#include <span>
#include <stack>
#include <string>
#include <string_view>
#include <valarray>
#include <vector>

/// Strings and sequences: a count, then the elements. Flat elements are copied as one run.
namespace ruche::wire {

/// Whether elements may be copied to the wire as they lie, and back.
template <class T>
inline constexpr bool flat_run = form<T>::flat&& std::is_trivially_copyable_v<T>;
template <class T>
inline constexpr bool flat_run_back = flat_run<T>&& form<T>::any_bytes;

/// An allocator that the reader can make anew.
template <class Allocator>
inline constexpr bool stateless = std::is_empty_v<Allocator>&& std::is_default_constructible_v<Allocator>;

template <class Element>
struct sequence_form : any_form {
    using parts = types<Element>;
    static constexpr std::array<std::string_view, 1> steps{"[]"};
    static constexpr std::string_view tag = "list";
    static constexpr std::size_t least = 4;
    static constexpr std::size_t weight = apart;
};

/// A run of flat elements that lie in one piece.
template <class Range, class Element>
struct run_form : sequence_form<Element> {
    static constexpr bool plain = true;
    static constexpr std::size_t weight = 3;
    [[gnu::always_inline]] static std::size_t room(const Range& range, const sink& out) noexcept
    {
        return count_room + run_room<Element>(std::size(range), out);
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const Range& range)
    {
        at = put_count(at, std::size(range));
        return put_run(at, out, std::data(range), std::size(range));
    }
};

/// Elements as they lie in memory.
struct run_bytes {
    const std::byte* start;
    std::size_t count;
};

/// Reads what `put_run` wrote after a count, in the message or apart from it, and steps over it.
template <class Element>
[[gnu::always_inline]] inline run_bytes get_run(const std::byte*& at, source& in)
{
    if (may_lie_apart<Element> && in.has_pieces()) [[unlikely]] {
        const std::byte* start = at;
        const std::uint64_t count = get_raw_count(at, in);
        if (count <= ~std::size_t{0} / sizeof(Element) && count * sizeof(Element) >= large_run) {
            const auto size = static_cast<std::size_t>(count * sizeof(Element));
            in.set_at(at);
            if (const std::byte* run = in.take_piece(size, may_be_aligned<Element>)) {
                at = in.at();
                return {run, static_cast<std::size_t>(count)};
            }
        }
        at = start;
    }
    const std::size_t count = get_count(at, in, sizeof(Element), sizeof(Element));
    align_run<Element>(at, in, count);
    const std::byte* run = at;
    at += count * sizeof(Element);
    return {run, count};
}

template <class Char, class Traits, class Allocator>
requires stateless<Allocator>
struct form<std::basic_string<Char, Traits, Allocator>> : run_form<std::basic_string<Char, Traits, Allocator>, Char> {
    using string = std::basic_string<Char, Traits, Allocator>;
    using run = run_form<string, Char>;
    static constexpr std::string_view tag = "string";
    static constexpr std::size_t weight = 2;
    static constexpr bool leaf = true;
    [[gnu::always_inline]] static std::size_t room(const string& value, const sink& out) noexcept
    {
        return run::room(value, out) + 8; // so that 16 bytes may be written after a short count
    }
    /// A short text is copied by two moves of fixed size: most texts are short, and a call that looks at the length
    /// costs more than the copy. What is copied beyond the text is in the string's own memory, and is written over or
    /// left out.
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const string& value)
    {
        if constexpr (sizeof(Char) == 1)
            if (value.size() <= 15 && value.capacity() >= 15) [[likely]] {
                at = put_number(at, static_cast<std::uint32_t>(value.size()));
                std::memcpy(at, value.data(), 16);
                return at + value.size();
            }
        return run::put(at, out, value);
    }
    [[gnu::always_inline]] static string get(const std::byte*& at, source& in)
    {
        const auto [start, count] = get_run<Char>(at, in);
        if (reinterpret_cast<std::uintptr_t>(start) % alignof(Char) == 0) [[likely]]
            return string(reinterpret_cast<const Char*>(start), count);
        string result(count, Char());
        std::memcpy(result.data(), start, count * sizeof(Char));
        return result;
    }
};

/// Writes a count and the elements of any range.
template <class Element, class Range>
[[gnu::always_inline]] inline std::byte* put_elements(std::byte* at, sink& out, const Range& range, std::size_t count)
{
    if constexpr (form<Element>::fixed) { // all their bytes are known: one check for the room of all
        at = put_count(out.room(at, count_room + 16 + count * form<Element>::least), count);
        if constexpr (flat_run<Element>)
            at = pad_run<Element>(at, out, count); // as in a vector: one fingerprint, one form
        for (const Element& element : range)
            at = form<Element>::put(at, out, element);
    } else {
        at = put_count(out.room(at, count_room), count);
        for (const Element& element : range)
            at = put_part<Element>(at, out, element);
    }
    return at;
}

/// Reads a count of elements that each take so many bytes of memory, and what stands between it and the first.
template <class Element>
[[gnu::always_inline]] inline std::size_t get_element_count(const std::byte*& at, source& in, std::size_t each)
{
    const std::size_t count = get_count(at, in, form<Element>::least, each);
    if constexpr (flat_run<Element>)
        align_run<Element>(at, in, count);
    return count;
}

/// Calls take(element) for each of `count` elements that `get_count` has let pass.
template <class Element, class Take>
[[gnu::always_inline]] inline void get_elements(const std::byte*& at, source& in, std::size_t count, Take&& take)
{
    std::size_t i = 0;
    try {
        for (; i != count; ++i) {
            if constexpr (form<Element>::fixed)
                take(form<Element>::get(at, in));
            else
                take(get_part<Element>(at, in));
        }
    } catch (const bad_message& error) {
        rethrow_at(error, i);
    }
}

/// Containers that take one element after another.
template <class Container, class Element>
struct appended_form : sequence_form<Element> {
    static std::byte* put(std::byte* at, sink& out, const Container& container)
    {
        return put_elements<Element>(at, out, container, container.size());
    }
    static Container get(const std::byte*& at, source& in)
    {
        const std::size_t count = get_element_count<Element>(at, in, sizeof(Element));
        Container result;
        if constexpr (requires { result.reserve(count); })
            result.reserve(count);
        get_elements<Element>(at, in, count, [&](Element&& element) { result.push_back(std::move(element)); });
        return result;
    }
};

/// Which of the two kinds a vector is, is asked in the functions only: while `form<tree>` is being made, it can't be
/// told for a vector of trees in it.
template <class Element, class Allocator>
requires stateless<Allocator>
struct form<std::vector<Element, Allocator>> : sequence_form<Element> {
    using vector = std::vector<Element, Allocator>;
    using run = run_form<vector, Element>;
    using appended = appended_form<vector, Element>;
    static constexpr bool plain = flat_run<Element>;
    static constexpr std::size_t weight = flat_run<Element> ? run::weight : form<Element>::leaf ? 6 : apart;

    [[gnu::always_inline]] static std::size_t room(const vector& elements, const sink& out) noexcept
    {
        return run::room(elements, out);
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const vector& elements)
    {
        if constexpr (flat_run<Element>)
            return run::put(at, out, elements);
        else
            return appended::put(at, out, elements);
    }
    [[gnu::always_inline]] static vector get(const std::byte*& at, source& in)
    {
        if constexpr (flat_run_back<Element>)
            return get_whole(at, in);
        else if constexpr (flat_run<Element>)
            return get_each(at, in);
        else
            return appended::get(at, in);
    }

private:
    [[gnu::always_inline]] static vector get_whole(const std::byte*& at, source& in)
    {
        const auto [start, count] = get_run<Element>(at, in);
        // A vector that is made from a range writes each element once; one that is made by size writes zeros first.
        if (reinterpret_cast<std::uintptr_t>(start) % alignof(Element) == 0) [[likely]] {
            const auto* first = reinterpret_cast<const Element*>(start);
            return vector(first, first + count);
        }
        return copied(start, count);
    }
    [[gnu::noinline]] static vector copied(const std::byte* start, std::size_t count)
    {
        vector result;
        result.reserve(count);
        for (; count != 0; --count, start += sizeof(Element))
            result.push_back(std::bit_cast<Element>(load<std::array<std::byte, sizeof(Element)>>(start)));
        return result;
    }
    static vector get_each(const std::byte*& at, source& in)
    {
        const std::size_t count = get_count(at, in, sizeof(Element), sizeof(Element));
        align_run<Element>(at, in, count);
        vector result;
        result.reserve(count);
        get_elements<Element>(at, in, count, [&](Element&& element) { result.push_back(std::move(element)); });
        return result;
    }
};

template <class Element, class Allocator>
requires stateless<Allocator>
struct form<std::deque<Element, Allocator>> : appended_form<std::deque<Element, Allocator>, Element> {
};

template <class Element, class Allocator>
requires stateless<Allocator>
struct form<std::list<Element, Allocator>> : appended_form<std::list<Element, Allocator>, Element> {
};

template <class Element, class Allocator>
requires stateless<Allocator>
struct form<std::forward_list<Element, Allocator>> : sequence_form<Element> {
    using list = std::forward_list<Element, Allocator>;
    static std::byte* put(std::byte* at, sink& out, const list& value)
    {
        const auto count = static_cast<std::size_t>(std::distance(value.begin(), value.end()));
        return put_elements<Element>(at, out, value, count);
    }
    static list get(const std::byte*& at, source& in)
    {
        const std::size_t count = get_element_count<Element>(at, in, sizeof(Element) + sizeof(void*));
        list result;
        auto last = result.before_begin();
        get_elements<Element>(at, in, count,
                              [&](Element&& element) { last = result.insert_after(last, std::move(element)); });
        return result;
    }
};

/// One bit for each, the first in the lowest; the bits that are left of the last byte are zero.
template <class Allocator>
requires stateless<Allocator>
struct form<std::vector<bool, Allocator>> : sequence_form<bool> {
    using vector = std::vector<bool, Allocator>;
    static constexpr std::string_view tag = "bits";
    static std::byte* put(std::byte* at, sink& out, const vector& bits)
    {
        at = put_count(out.room(at, count_room + bits.size() / 8 + 1), bits.size());
        for (std::size_t i = 0; i < bits.size(); i += 8) {
            unsigned byte = 0;
            for (std::size_t bit = 0; bit != 8 && i + bit != bits.size(); ++bit)
                byte |= unsigned{bits[i + bit]} << bit;
            *at++ = static_cast<std::byte>(byte);
        }
        return at;
    }
    static vector get(const std::byte*& at, source& in)
    {
        const std::uint64_t count = get_raw_count(at, in);
        const std::uint64_t size = count / 8 + (count % 8 != 0 ? 1 : 0);
        in.expect(at, size, 1, 1);
        vector bits(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i != bits.size(); ++i)
            bits[i] = (static_cast<unsigned>(at[i / 8]) >> (i % 8) & 1u) != 0;
        if (count % 8 != 0 && static_cast<unsigned>(at[size - 1]) >> (count % 8) != 0)
            in.fail_at(at + size - 1, "bits after the last one are not zero");
        at += size;
        return bits;
    }
};

template <std::size_t Size>
struct form<std::bitset<Size>> : any_form {
    static constexpr std::string_view tag = "bitset";
    static constexpr bool fixed = true, plain = true;
    static constexpr std::size_t least = (Size + 7) / 8;
    static constexpr std::size_t room(const std::bitset<Size>&, const sink&) noexcept { return least; }
    static std::byte* put(std::byte* at, sink&, const std::bitset<Size>& bits) noexcept
    {
        std::memset(at, 0, least);
        for (std::size_t i = 0; i != Size; ++i)
            if (bits[i])
                at[i / 8] |= static_cast<std::byte>(1u << (i % 8));
        return at + least;
    }
    static std::bitset<Size> get(const std::byte*& at, source& in)
    {
        std::bitset<Size> bits;
        for (std::size_t i = 0; i != Size; ++i)
            bits[i] = (static_cast<unsigned>(at[i / 8]) >> (i % 8) & 1u) != 0;
        if (Size % 8 != 0 && static_cast<unsigned>(at[least - 1]) >> (Size % 8) != 0)
            in.fail_at(at, "bits after the last one are not zero");
        at += least;
        return bits;
    }
};

template <class Element>
struct form<std::valarray<Element>> : sequence_form<Element> {
    static std::byte* put(std::byte* at, sink& out, const std::valarray<Element>& values)
    {
        return put_elements<Element>(at, out, std::span(std::begin(values), values.size()), values.size());
    }
    static std::valarray<Element> get(const std::byte*& at, source& in)
    {
        const std::size_t count = get_element_count<Element>(at, in, sizeof(Element));
        std::valarray<Element> values(count);
        std::size_t i = 0;
        get_elements<Element>(at, in, count, [&](Element&& element) { values[i++] = std::move(element); });
        return values;
    }
};

/// Adaptors travel as what they adapt.
template <class Adaptor>
struct adaptor_form : any_form {
    using container = typename Adaptor::container_type;
    using parts = types<container>;
    static constexpr std::array<std::string_view, 1> steps{""};
    static constexpr std::string_view tag = "adaptor";
    static constexpr std::size_t least = 4;
    static constexpr std::size_t weight = apart;
    static std::byte* put(std::byte* at, sink& out, const Adaptor& adaptor)
    {
        // A pointer to a protected member may be formed in a derived class, and then used with any object.
        struct open : Adaptor {
            static constexpr container Adaptor::*member() { return &open::c; }
        };
        return put_part<container>(at, out, adaptor.*open::member());
    }
    static Adaptor get(const std::byte*& at, source& in) { return Adaptor(get_part<container>(at, in)); }
};

template <class Element, class Container>
struct form<std::stack<Element, Container>> : adaptor_form<std::stack<Element, Container>> {};
template <class Element, class Container>
struct form<std::queue<Element, Container>> : adaptor_form<std::queue<Element, Container>> {};

/// The order of the heap travels too, but isn't believed: it is made again.
template <class Element, class Container, class Compare>
requires(std::is_empty_v<Compare>&&
             std::is_default_constructible_v<Compare>) struct form<std::priority_queue<Element, Container, Compare>>
    : adaptor_form<std::priority_queue<Element, Container, Compare>> {
    using queue = std::priority_queue<Element, Container, Compare>;
    static queue get(const std::byte*& at, source& in) { return queue(Compare(), get_part<Container>(at, in)); }
};

/// Views can be sent, as what they show; they can't be received, since nothing would own what they look at.
template <class Char, class Traits>
struct form<std::basic_string_view<Char, Traits>> : run_form<std::basic_string_view<Char, Traits>, Char> {
    static constexpr why refusal = why::view;
    static constexpr bool views_only = true;
    static constexpr std::string_view tag = "string";
};

template <class Element, std::size_t Extent>
struct form<std::span<Element, Extent>> : sequence_form<std::remove_cv_t<Element>> {
    static constexpr why refusal = why::view;
    static constexpr bool views_only = true;
    using owned = std::remove_cv_t<Element>;
    static std::byte* put(std::byte* at, sink& out, std::span<const owned> elements)
    {
        if constexpr (flat_run<owned>) {
            at = out.room(at, run_form<std::span<const owned>, owned>::room(elements, out));
            return run_form<std::span<const owned>, owned>::put(at, out, elements);
        } else {
            return put_elements<owned>(at, out, elements, elements.size());
        }
    }
};

} // namespace ruche::wire
