#include "wire/told_exception.hpp"

#include <ruche/error.hpp>
#include <ruche/exception.hpp>

#include <cxxabi.h>

#include <any>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <memory>
#include <new>
#include <optional>
#include <regex>
#include <span>
#include <stdexcept>
#include <system_error>
#include <typeinfo>
#include <utility>
#include <variant>

namespace ruche::wire {

namespace {

// ---- telling

/// What the program would call the type of the exception that is being handled. `std::throw_with_nested` wraps types of
/// its own around those that were thrown.
std::string current_type_name()
{
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (!type)
        return "an exception of another language";
    const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr),
                                                      std::free);
    std::string_view name = text ? text.get() : type->name();
    constexpr std::string_view wrapper = "std::_Nested_exception<";
    if (name.starts_with(wrapper) && name.ends_with('>')) {
        name.remove_prefix(wrapper.size());
        name.remove_suffix(1);
        while (name.ends_with(' '))
            name.remove_suffix(1);
    }
    return std::string(name);
}

void tell_code(told_exception& told, const std::error_code& code)
{
    told.category = code.category().name();
    told.code = code.value();
}

void tell_status(told_exception& told, const exit_status& status)
{
    const bool exited = status.code().has_value();
    const bool killed = status.signal().has_value();
    told.numbers = {exited ? 0 : killed ? 1 : 2, status.code().value_or(status.signal().value_or(0)),
                    status.core_dumped(),        static_cast<std::int64_t>(status.peak_memory()),
                    status.user_time().count(),  status.system_time().count()};
}

/// What only some types have.
void tell_more(told_exception& told, const std::exception& error, std::exception_ptr& nested)
{
    if (const auto* system = dynamic_cast<const std::system_error*>(&error))
        tell_code(told, system->code());
    if (const auto* future = dynamic_cast<const std::future_error*>(&error))
        tell_code(told, future->code());
    if (const auto* regex = dynamic_cast<const std::regex_error*>(&error))
        told.numbers = {regex->code()};
    if (const auto* file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
        told.words = {file->path1().native(), file->path2().native()};
    if (const auto* message = dynamic_cast<const bad_message*>(&error)) {
        told.words = {message->reason(), message->path()};
        told.numbers = {static_cast<std::int64_t>(message->offset())};
    }
    if (const auto* died = dynamic_cast<const process_died*>(&error)) {
        tell_status(told, died->status());
        told.stack = died->stack();
    }
    if (const auto* remote = dynamic_cast<const remote_error*>(&error)) { // passed on: it is still what it was
        told.type_name = remote->type_name();
        told.stack = remote->stack();
        nested = remote->nested();
    }
    if (const auto* with_nested = dynamic_cast<const std::nested_exception*>(&error))
        nested = with_nested->nested_ptr();
}

void tell_current(told_exception& told, std::exception_ptr& nested)
{
    told.type_name = current_type_name();
    try {
        throw;
    } catch (const std::exception& error) {
        told.what = error.what();
        tell_more(told, error, nested);
    } catch (const std::string& text) {
        told.what = text;
    } catch (const char* text) {
        told.what = text ? text : "";
    } catch (int number) {
        told.what = std::to_string(number);
    } catch (const std::nested_exception& error) {
        nested = error.nested_ptr();
    } catch (...) { // any type may be thrown; its name is all that can be told of it
        told.what = "an exception that is no std::exception";
    }
}

// ---- rebuilding

std::string without_end(std::string text, const std::string& end)
{
    if (text.ends_with(end))
        text.resize(text.size() - end.size());
    return text;
}

std::optional<std::error_code> code_of(const told_exception& told)
{
    for (const auto* category :
         {&std::generic_category(), &std::system_category(), &std::iostream_category(), &std::future_category()})
        if (told.category == category->name())
            return std::error_code(told.code, *category);
    return std::nullopt;
}

using maker = std::exception_ptr (*)(const told_exception& told, const std::exception_ptr& nested);

template <class Error>
std::exception_ptr from_text(const told_exception& told, const std::exception_ptr& nested)
{
    return with_nested(Error(told.what), nested);
}
template <class Error>
std::exception_ptr from_nothing(const told_exception&, const std::exception_ptr& nested)
{
    return with_nested(Error(), nested);
}
/// `what()` of these is the text they were made with and that of the code.
template <class Error>
std::exception_ptr from_code(const told_exception& told, const std::exception_ptr& nested)
{
    const auto code = code_of(told);
    if (!code)
        return nullptr;
    const std::string doing = without_end(told.what, ": " + code->message());
    if constexpr (std::is_constructible_v<Error, const std::string&, const std::error_code&>)
        return with_nested(Error(doing, *code), nested);
    else if constexpr (std::is_constructible_v<Error, int, const std::string&>)
        return with_nested(Error(told.code, doing), nested);
    else
        return with_nested(Error(*code, doing), nested);
}

std::exception_ptr future_from_code(const told_exception& told, const std::exception_ptr& nested)
{
    if (told.category != std::future_category().name())
        return nullptr;
    return with_nested(std::future_error(static_cast<std::future_errc>(told.code)), nested);
}

std::exception_ptr regex_from_code(const told_exception& told, const std::exception_ptr& nested)
{
    if (told.numbers.size() != 1 || told.numbers[0] < 0 || told.numbers[0] > std::regex_constants::error_stack)
        return nullptr;
    return with_nested(std::regex_error(static_cast<std::regex_constants::error_type>(told.numbers[0])), nested);
}

std::exception_ptr file_from_paths(const told_exception& told, const std::exception_ptr& nested)
{
    const auto code = code_of(told);
    constexpr std::string_view start = "filesystem error: ";
    if (!code || told.words.size() != 2 || !told.what.starts_with(start))
        return nullptr;
    const std::string doing = told.what.substr(start.size(), told.what.find(": " + code->message()) - start.size());
    return with_nested(std::filesystem::filesystem_error(doing, told.words[0], told.words[1], *code), nested);
}

std::exception_ptr message_from_parts(const told_exception& told, const std::exception_ptr& nested)
{
    if (told.words.size() != 2 || told.numbers.size() != 1)
        return nullptr;
    return with_nested(bad_message(told.words[0], static_cast<std::size_t>(told.numbers[0]), told.words[1]), nested);
}

std::exception_ptr died_from_status(const told_exception& told, const std::exception_ptr& nested)
{
    if (told.numbers.size() != 6)
        return nullptr;
    const auto& numbers = told.numbers;
    const resource_usage used{static_cast<std::uint64_t>(numbers[3]), std::chrono::microseconds(numbers[4]),
                              std::chrono::microseconds(numbers[5])};
    const auto value = static_cast<int>(numbers[1]);
    const exit_status status = numbers[0] == 0   ? exit_status::exited(value, used)
                               : numbers[0] == 1 ? exit_status::signalled(value, numbers[2] != 0, used)
                                                 : exit_status::server_lost();
    return with_nested(process_died(status, without_end(told.what, ": " + status.describe()), told.stack), nested);
}

std::exception_ptr number_from_text(const told_exception& told, const std::exception_ptr&)
{
    int number = 0;
    const char* end = told.what.data() + told.what.size();
    const auto [stop, error] = std::from_chars(told.what.data(), end, number);
    return error == std::errc() && stop == end ? std::make_exception_ptr(number) : nullptr;
}

struct known_type {
    std::string_view name;
    maker make;
};

constexpr known_type known_types[] = {
    {"std::exception", from_nothing<std::exception>},
    {"std::logic_error", from_text<std::logic_error>},
    {"std::invalid_argument", from_text<std::invalid_argument>},
    {"std::domain_error", from_text<std::domain_error>},
    {"std::length_error", from_text<std::length_error>},
    {"std::out_of_range", from_text<std::out_of_range>},
    {"std::runtime_error", from_text<std::runtime_error>},
    {"std::range_error", from_text<std::range_error>},
    {"std::overflow_error", from_text<std::overflow_error>},
    {"std::underflow_error", from_text<std::underflow_error>},
    {"std::bad_alloc", from_nothing<std::bad_alloc>},
    {"std::bad_array_new_length", from_nothing<std::bad_array_new_length>},
    {"std::bad_cast", from_nothing<std::bad_cast>},
    {"std::bad_any_cast", from_nothing<std::bad_any_cast>},
    {"std::bad_typeid", from_nothing<std::bad_typeid>},
    {"std::bad_exception", from_nothing<std::bad_exception>},
    {"std::bad_function_call", from_nothing<std::bad_function_call>},
    {"std::bad_optional_access", from_nothing<std::bad_optional_access>},
    {"std::bad_variant_access", from_nothing<std::bad_variant_access>},
    {"std::bad_weak_ptr", from_nothing<std::bad_weak_ptr>},
    {"std::system_error", from_code<std::system_error>},
    {"std::ios_base::failure[abi:cxx11]", from_code<std::ios_base::failure>},
    {"std::future_error", future_from_code},
    {"std::regex_error", regex_from_code},
    {"std::__cxx11::regex_error", regex_from_code},
    {"std::filesystem::filesystem_error", file_from_paths},
    {"std::filesystem::__cxx11::filesystem_error", file_from_paths},
    {"std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >",
     [](const told_exception& told, const std::exception_ptr&) { return std::make_exception_ptr(told.what); }},
    {"int", number_from_text},
    {"ruche::os_error", from_code<os_error>},
    {"ruche::start_failed", from_code<start_failed>},
    {"ruche::bad_message", message_from_parts},
    {"ruche::queue_closed", from_nothing<queue_closed>},
    {"ruche::too_large", from_text<too_large>},
    {"ruche::process_died", died_from_status},
    {"ruche::deadline_exceeded", from_text<deadline_exceeded>},
    {"ruche::task_cancelled", from_text<task_cancelled>},
};

} // namespace

told_exception tell(const std::exception_ptr& error, std::exception_ptr& nested)
{
    told_exception told;
    try {
        std::rethrow_exception(error);
    } catch (...) {
        tell_current(told, nested);
    }
    return told;
}

std::exception_ptr rebuild(const told_exception& told, const std::exception_ptr& nested)
{
    for (const auto& [name, make] : known_types)
        if (name == told.type_name)
            return make(told, nested);
    return nullptr;
}

} // namespace ruche::wire
