#include <ruche/detail/packed_message.hpp>

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace ruche::detail {

namespace {

struct head {
    std::uint64_t runs = 0;
    std::uint64_t bytes = 0;
};
struct run {
    std::uint64_t at = 0;
    std::uint64_t size = 0;
};

constexpr std::size_t alignment = 64;
constexpr std::size_t aligned(std::size_t offset) noexcept { return (offset + alignment - 1) & ~(alignment - 1); }

constexpr std::size_t table_size(std::size_t runs) noexcept { return aligned(sizeof(head) + runs * sizeof(run)); }

/// Calls use(offset, bytes) for all but the table.
template <class Use>
void for_each_part(const message_parts& message, Use use)
{
    std::size_t at = table_size(message.apart.size());
    use(at, message.bytes);
    at = aligned(at + message.bytes.size());
    for (const wire::piece& one : message.apart) {
        use(at, one.bytes);
        at = aligned(at + one.bytes.size());
    }
}

void write_table(const message_parts& message, std::byte* to) noexcept
{
    const head start{message.apart.size(), message.bytes.size()};
    std::memcpy(to, &start, sizeof start);
    to += sizeof start;
    for (const wire::piece& one : message.apart) {
        const run entry{one.at, one.bytes.size()};
        std::memcpy(to, &entry, sizeof entry);
        to += sizeof entry;
    }
}

[[noreturn]] void refuse(const char* reason) { throw bad_message(std::string("a packed message ") + reason, 0); }

} // namespace

std::size_t packed_size(const message_parts& message) noexcept
{
    std::size_t end = 0;
    for_each_part(message, [&](std::size_t at, std::span<const std::byte> part) { end = at + part.size(); });
    return end;
}

void pack(const message_parts& message, std::byte* to) noexcept
{
    write_table(message, to);
    for_each_part(message, [&](std::size_t at, std::span<const std::byte> part) {
        if (!part.empty())
            std::memcpy(to + at, part.data(), part.size());
    });
}

std::vector<wire::piece> packed_pieces(const message_parts& message, std::vector<std::byte>& head)
{
    head.assign(table_size(message.apart.size()), std::byte{0});
    write_table(message, head.data());
    std::vector<wire::piece> pieces{{0, head}};
    for_each_part(message, [&](std::size_t at, std::span<const std::byte> part) { pieces.push_back({at, part}); });
    return pieces;
}

packed_message::packed_message(std::span<const std::byte> packed)
{
    head start;
    if (packed.size() < sizeof start)
        refuse("is too short");
    std::memcpy(&start, packed.data(), sizeof start);
    if (start.runs > (packed.size() - sizeof start) / sizeof(run))
        refuse("counts more runs than fit into it");
    std::size_t at = table_size(static_cast<std::size_t>(start.runs));
    const auto take = [&](std::uint64_t size) {
        if (at > packed.size() || size > packed.size() - at)
            refuse("is cut off");
        const auto part = packed.subspan(at, static_cast<std::size_t>(size));
        at = aligned(at + part.size());
        return part;
    };
    const auto bytes = take(start.bytes);
    bytes_.assign(bytes.begin(), bytes.end());
    apart_.reserve(static_cast<std::size_t>(start.runs));
    for (std::size_t i = 0; i != start.runs; ++i) {
        run entry;
        std::memcpy(&entry, packed.data() + sizeof start + i * sizeof entry, sizeof entry);
        apart_.push_back({static_cast<std::size_t>(entry.at), take(entry.size)});
    }
}

} // namespace ruche::detail
