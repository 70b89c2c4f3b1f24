#include <ruche/wire/others.hpp>

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

} // namespace ruche::wire
