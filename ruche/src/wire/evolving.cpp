#include <ruche/wire/evolving.hpp>

#include <ruche/wire.hpp>

namespace ruche::wire {

void put_member_header(sink& out, std::uint32_t name, std::uint32_t type)
{
    encode(out, std::tuple(name, type, std::uint32_t{0}, std::uint64_t{0}));
}

void amend_member_header(sink& out, const sink::mark& before)
{
    const auto now = out.here();
    const auto objects = static_cast<std::uint32_t>(now.objects - before.objects);
    const std::uint64_t size = now.size - before.size - member_header_size;
    out.amend(before.size + 8, &objects, sizeof objects);
    out.amend(before.size + 12, &size, sizeof size);
}

member_header get_member_header(source& in)
{
    const auto [name, type, objects, size] =
        decode<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint64_t>>(in);
    if (size > in.left())
        in.fail("a member of " + std::to_string(size) + " bytes, and " + std::to_string(in.left()) + " are left");
    return {name, type, objects, size};
}

} // namespace ruche::wire
