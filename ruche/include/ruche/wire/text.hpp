#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

/// Texts that exist while the compiler runs: the names of types and members, and the words of its errors.
namespace ruche::wire {

/// A text that can be a template argument: `check_sendable<T, "argument 1">()`.
template <std::size_t Size>
struct text {
    char letters[Size + 1]{};

    constexpr text() = default;
    constexpr text(const char (&literal)[Size + 1]) { std::copy_n(literal, Size, letters); }

    [[nodiscard]] constexpr std::string_view view() const { return {letters, Size}; }
    [[nodiscard]] static constexpr std::size_t size() { return Size; }
    constexpr bool operator==(const text&) const = default;
};
template <std::size_t Length>
text(const char (&)[Length]) -> text<Length - 1>;

/// A text under construction, of any length up to its room; what doesn't fit is cut.
class long_text {
public:
    static constexpr std::size_t room = 1000;

    constexpr long_text& operator+=(std::string_view more)
    {
        for (const char letter : more)
            if (size_ < room)
                letters_[size_++] = letter;
        return *this;
    }
    constexpr void cut(std::size_t size) { size_ = size; }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr std::string_view view() const { return {letters_, size_}; }

private:
    char letters_[room]{};
    std::size_t size_ = 0;
};

namespace detail {

// What the compiler calls a type, between the words that it writes around every type.
template <class T>
constexpr std::string_view signature()
{
    return __PRETTY_FUNCTION__;
}
inline constexpr std::size_t before_type = signature<double>().find("double");
inline constexpr std::size_t after_type = signature<double>().size() - before_type - 6;

// The short names that people write; compilers spell them out.
struct spelling {
    std::string_view whole, part_of_name;
};

} // namespace detail

/// The name of `T` as the program would write it: `shop::order`, `std::ofstream`.
template <class T>
constexpr std::string_view type_name()
{
    std::string_view name = detail::signature<T>();
    name.remove_prefix(detail::before_type);
    name.remove_suffix(detail::after_type);
    constexpr detail::spelling usual[] = {{"std::string", "basic_string<char>"},
                                          {"std::wstring", "basic_string<wchar_t>"},
                                          {"std::string_view", "basic_string_view<char>"},
                                          {"std::ofstream", "basic_ofstream<char>"},
                                          {"std::ifstream", "basic_ifstream<char>"},
                                          {"std::fstream", "basic_fstream<char>"},
                                          {"std::ostream", "basic_ostream<char>"},
                                          {"std::istream", "basic_istream<char>"},
                                          {"std::stringstream", "basic_stringstream<char>"}};
    for (const auto& [whole, part] : usual)
        if (name.starts_with("std::") && name.ends_with(part) && name.rfind("::") + 2 + part.size() == name.size())
            return whole;
    return name;
}

} // namespace ruche::wire
