// Messages whose large runs lie apart from the rest, as they pass through shared memory.
#include "fuzz.hpp"

#include <ruche/detail/packed_message.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace {

struct picture {
    std::string name;
    std::vector<float> pixels;
    std::optional<std::string> text;
    std::map<std::string, std::vector<std::uint16_t>> layers;
    std::variant<int, std::vector<std::array<double, 2>>> points;
};

void try_parts(std::span<const std::byte> rest, std::span<const ruche::wire::piece> apart)
{
    ruche::source in(rest);
    in.lend(apart);
    try {
        const auto value = ruche::decode<picture>(in);
        in.finish();
        ruche::sink out;
        const ruche::wire::borrowing large(out, true);
        ruche::encode(out, value);
        if (out.borrowed().size() != apart.size())
            std::abort();                 // what lay apart would again
    } catch (const ruche::bad_message&) { // NOLINT(bugprone-empty-catch): refusing is one of the two right answers
    }
}

/// Two bytes for each of up to three runs, how far it is above the least size and where it belongs; the rest follows.
void try_made_parts(std::span<const std::byte> input)
{
    static const std::vector<std::byte> zeros(ruche::wire::large_run + 256 * 8);
    const std::size_t runs = std::min<std::size_t>(static_cast<unsigned>(input[0]) / 2 % 4, (input.size() - 1) / 2);
    std::vector<ruche::wire::piece> apart;
    for (std::size_t i = 0; i != runs; ++i) {
        const auto more = static_cast<std::size_t>(input[1 + 2 * i]) * 4;
        apart.push_back(
            {static_cast<std::size_t>(input[2 + 2 * i]), std::span(zeros).first(ruche::wire::large_run + more)});
    }
    try_parts(input.subspan(1 + 2 * runs), apart);
}

void try_packed(std::span<const std::byte> input)
{
    try {
        const ruche::detail::packed_message message(input);
        try_parts(message.bytes(), message.apart());
    } catch (const ruche::bad_message&) { // NOLINT(bugprone-empty-catch): as above
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span(data, size));
    if (size != 0 && data[0] % 2 == 0)
        try_made_parts(input);
    else if (size != 0)
        try_packed(input.subspan(1));
    return 0;
}
