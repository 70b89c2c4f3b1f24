#pragma once

#include <ruche/wire/packs.hpp>

#include <optional>
#include <utility>
#include <variant>

/// Values that are one of several: a byte (or as many as it takes) says which, then comes that one.
namespace ruche::wire {

template <class T>
struct form<std::optional<T>> : any_form {
    using parts = types<T>;
    static constexpr std::array<std::string_view, 1> steps{".value()"};
    static constexpr std::string_view tag = "optional";
    static constexpr bool plain = form<T>::plain;
    static constexpr std::size_t least = 1;
    static constexpr std::size_t weight = 1 + weight_in_whole<T>;
    [[gnu::always_inline]] static std::size_t room(const std::optional<T>& value, const sink& out) noexcept
    {
        return value ? 1 + form<T>::room(*value, out) : 1;
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const std::optional<T>& value)
    {
        if constexpr (!plain)
            at = out.room(at, 1);
        *at++ = std::byte{value.has_value()};
        if (!value)
            return at;
        return put_from<plain>(at, out, *value);
    }
    [[gnu::always_inline]] static std::optional<T> get(const std::byte*& at, source& in)
    {
        const auto present = get_number<unsigned char>(at, in);
        if (present > 1) [[unlikely]]
            in.fail_at(at - 1, "an optional is neither empty nor full");
        if (present == 0)
            return std::nullopt;
        return std::optional<T>(get_part<T>(at, in));
    }
};

template <>
struct form<std::monostate> : any_form {
    static constexpr std::string_view tag = "nothing";
    static constexpr bool fixed = true, plain = true;
    static constexpr std::size_t room(std::monostate, const sink&) noexcept { return 0; }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink&, std::monostate) noexcept { return at; }
    [[gnu::always_inline]] static std::monostate get(const std::byte*&, source&) noexcept { return {}; }
};

template <class... Ts>
struct form<std::variant<Ts...>> : any_form {
    using variant = std::variant<Ts...>;
    using parts = types<Ts...>;
    // As in code: std::get<article>(item).
    static constexpr std::array<std::string_view, sizeof...(Ts)> steps{type_name<Ts>()...};
    static constexpr bool names_types = true;
    static constexpr std::string_view tag = "variant";
    static constexpr bool plain = (true && ... && form<Ts>::plain);
    static constexpr std::size_t least = 1;
    static constexpr std::size_t weight = apart;
    using index = std::conditional_t<sizeof...(Ts) < 256, std::uint8_t, std::uint16_t>;

    [[gnu::always_inline]] static std::size_t room(const variant& value, const sink& out)
    {
        if (value.valueless_by_exception()) [[unlikely]]
            refuse_valueless();
        return sizeof(index) + select(value.index(), [&]<std::size_t I>() {
                   return form<at_index<I>>::room(*std::get_if<I>(&value), out);
               });
    }
    [[gnu::always_inline]] static std::byte* put(std::byte* at, sink& out, const variant& value)
    {
        if (value.valueless_by_exception()) [[unlikely]]
            refuse_valueless();
        if constexpr (!plain)
            at = out.room(at, sizeof(index));
        at = put_number(at, static_cast<index>(value.index()));
        return select(value.index(),
                      [&]<std::size_t I>() { return put_from<plain>(at, out, *std::get_if<I>(&value)); });
    }
    static variant get(const std::byte*& at, source& in)
    {
        const auto which = get_number<index>(at, in);
        if (which >= sizeof...(Ts)) [[unlikely]]
            in.fail_at(at - sizeof which, "a variant has no alternative " + std::to_string(which));
        return select(which,
                      [&]<std::size_t I>() { return variant(std::in_place_index<I>, get_part<at_index<I>>(at, in)); });
    }

private:
    template <std::size_t I>
    using at_index = std::variant_alternative_t<I, variant>;

    /// Calls use<which>(). A chain of comparisons, which compilers turn into a table where that is better.
    template <std::size_t I = 0, class Use>
    [[gnu::always_inline]] static auto select(std::size_t which, Use&& use)
    {
        if constexpr (I + 1 == sizeof...(Ts)) {
            return use.template operator()<I>();
        } else {
            if (which == I)
                return use.template operator()<I>();
            return select<I + 1>(which, use);
        }
    }
    [[noreturn, gnu::cold]] static void refuse_valueless()
    {
        throw std::bad_variant_access(); // it lost its value to an exception; there is nothing to send
    }
};

} // namespace ruche::wire
