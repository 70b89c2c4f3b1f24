#include <ruche/wire/others.hpp>

#include "stop_words.hpp"

#include <ruche/wire.hpp>

#include <array>
#include <future>
#include <ios>
#include <memory>
#include <string>

namespace ruche::wire {

namespace {

/// The categories that are the same in every program. One of a library's own is known to nobody else.
const std::error_category* known_category(std::string_view name)
{
    const std::array<const std::error_category*, 4> known{&std::generic_category(), &std::system_category(),
                                                          &std::iostream_category(), &std::future_category()};
    for (const auto* category : known)
        if (name == category->name())
            return category;
    return nullptr;
}

template <class Code>
std::byte* put_code(std::byte* at, sink& out, const Code& code)
{
    const std::string_view category = code.category().name();
    return put_all(at, out, category, std::int32_t{code.value()});
}

template <class Code>
Code get_code(const std::byte*& at, source& in)
{
    const std::byte* start = at;
    const auto name = get_part<std::string>(at, in);
    const auto value = get_part<std::int32_t>(at, in);
    const auto* category = known_category(name);
    if (!category)
        in.fail_at(start, "an error of category " + name + ", which this program does not know");
    return Code(value, *category);
}

constexpr std::uint32_t no_descriptor = 0xffffffff;

} // namespace

template <>
std::byte* compiled_form<std::filesystem::path>::put(std::byte* at, sink& out, const std::filesystem::path& path)
{
    return put_part<std::string>(at, out, path.native());
}
template <>
std::filesystem::path compiled_form<std::filesystem::path>::get(const std::byte*& at, source& in)
{
    return get_part<std::string>(at, in);
}

template <>
std::byte* compiled_form<std::error_code>::put(std::byte* at, sink& out, const std::error_code& code)
{
    return put_code(at, out, code);
}
template <>
std::error_code compiled_form<std::error_code>::get(const std::byte*& at, source& in)
{
    return get_code<std::error_code>(at, in);
}

template <>
std::byte* compiled_form<std::error_condition>::put(std::byte* at, sink& out, const std::error_condition& code)
{
    return put_code(at, out, code);
}
template <>
std::error_condition compiled_form<std::error_condition>::get(const std::byte*& at, source& in)
{
    return get_code<std::error_condition>(at, in);
}

template <>
std::byte* compiled_form<fd>::put(std::byte* at, sink& out, const fd& descriptor)
{
    // The message owns a descriptor of its own: the sender may close his as soon as this returns.
    const std::uint32_t number =
        descriptor ? out.attach(std::make_shared<const fd>(descriptor.duplicate())) : no_descriptor;
    return put_number(out.room(at, sizeof number), number);
}
template <>
fd compiled_form<fd>::get(const std::byte*& at, source& in)
{
    const auto number = get_number<std::uint32_t>(at, in);
    return number == no_descriptor ? fd() : in.take_descriptor(number);
}

namespace {

std::byte* put_stop(std::byte* at, sink& out, const std::atomic<std::uint32_t>* word)
{
    if (!word)
        return put_number(out.room(at, sizeof no_descriptor), no_descriptor);
    const auto [page, offset] = ruche::detail::place_of(word);
    at = out.room(at, 8);
    at = put_number(at, out.attach(page));
    return put_number(at, offset);
}

std::shared_ptr<std::atomic<std::uint32_t>> get_stop(const std::byte*& at, source& in)
{
    const auto number = get_number<std::uint32_t>(at, in);
    if (number == no_descriptor)
        return nullptr;
    const auto offset = get_number<std::uint32_t>(at, in);
    return ruche::detail::open_stop_word(in.take_descriptor(number), offset);
}

} // namespace

template <>
std::byte* compiled_form<stop_token>::put(std::byte* at, sink& out, const stop_token& token)
{
    return put_stop(at, out, token.native_handle());
}
template <>
stop_token compiled_form<stop_token>::get(const std::byte*& at, source& in)
{
    return stop_source(get_stop(at, in)).get_token();
}

template <>
std::byte* compiled_form<stop_source>::put(std::byte* at, sink& out, const stop_source& source)
{
    return put_stop(at, out, source.get_token().native_handle());
}
template <>
stop_source compiled_form<stop_source>::get(const std::byte*& at, source& in)
{
    return stop_source(get_stop(at, in));
}

} // namespace ruche::wire
