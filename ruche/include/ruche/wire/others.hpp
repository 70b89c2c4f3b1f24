#pragma once

#include <ruche/fd.hpp>
#include <ruche/stop.hpp>
#include <ruche/wire/form.hpp>

#include <exception>
#include <filesystem>
#include <string>
#include <system_error>

/// Paths, error codes, exceptions and descriptors. What isn't a template is compiled once.
namespace ruche::wire {

/// A form whose functions are compiled in the library.
template <class T>
struct compiled_form : any_form {
    static constexpr std::size_t weight = apart;
    static std::byte* put(std::byte* at, sink& out, const T& value);
    static T get(const std::byte*& at, source& in);
};

template <>
struct form<std::filesystem::path> : compiled_form<std::filesystem::path> {
    static constexpr std::string_view tag = "path";
    static constexpr std::size_t least = 4;
};

/// The name of the category and the number. A category that the reader does not know makes a bad message.
template <>
struct form<std::error_code> : compiled_form<std::error_code> {
    static constexpr std::string_view tag = "error_code";
    static constexpr std::size_t least = 8;
};
template <>
struct form<std::error_condition> : compiled_form<std::error_condition> {
    static constexpr std::string_view tag = "error_condition";
    static constexpr std::size_t least = 8;
};

template <>
struct form<std::exception_ptr> : compiled_form<std::exception_ptr> {
    static constexpr std::string_view tag = "exception";
    static constexpr std::size_t least = 1;
    static constexpr bool portable = false;
};

/// The number that `sink::attach` gave; an empty `fd` is sent as none.
template <>
struct form<fd> : compiled_form<fd> {
    static constexpr std::string_view tag = "descriptor";
    static constexpr std::size_t least = 4;
    static constexpr bool handles = true, portable = false;
};

/// The page in which its word lies, and where; a token that never stops is sent as none.
template <>
struct form<stop_token> : compiled_form<stop_token> {
    static constexpr std::string_view tag = "stop_token";
    static constexpr std::size_t least = 4;
    static constexpr bool handles = true, portable = false;
};
template <>
struct form<stop_source> : compiled_form<stop_source> {
    static constexpr std::string_view tag = "stop_source";
    static constexpr std::size_t least = 4;
    static constexpr bool handles = true, portable = false;
};

} // namespace ruche::wire
