#include "lifeline.hpp"

#include "os/shared_page.hpp"

#include <array>
#include <cstring>

namespace ruche {

fd write_packed(const char* label, const detail::message_parts& message)
{
    std::vector<std::byte> table;
    fd file = os::make_memory_file(label, std::span<const std::byte>());
    for (const wire::piece& piece : detail::packed_pieces(message, table))
        os::write_memory_file(file, piece.at, piece.bytes);
    return file;
}

os::transfer report(int line, lifeline_header header, std::span<const std::byte> payload,
                    std::span<const int> descriptors, bool wait)
{
    fd apart;
    std::vector<int> numbers;
    if (payload.size() > lifeline_inline_bytes) {
        apart = os::make_memory_file("ruche payload", payload);
        numbers.push_back(apart.get());
        header.payload_apart = 1;
        payload = {};
    }
    numbers.insert(numbers.end(), descriptors.begin(), descriptors.end());
    const std::array<std::span<const std::byte>, 2> parts{os::as_part(header), payload};
    return os::send_message(line, parts, numbers, wait);
}

std::optional<lifeline_report> next_report(int line, bool& line_ended, const deadline& until)
{
    os::received_message message;
    const auto result = os::receive_message(line, message, until);
    line_ended = result == os::transfer::peer_gone;
    if (result != os::transfer::done || message.bytes.size() < sizeof(lifeline_header))
        return std::nullopt;
    lifeline_report arrived;
    std::memcpy(&arrived.header, message.bytes.data(), sizeof arrived.header);
    arrived.descriptors = std::move(message.descriptors);
    if (arrived.header.payload_apart && !arrived.descriptors.empty()) {
        if (arrived.header.payload_apart == 2)
            arrived.packed = os::memory_view(arrived.descriptors.front());
        else
            arrived.payload = os::read_memory_file(arrived.descriptors.front());
        arrived.descriptors.erase(arrived.descriptors.begin());
    } else {
        message.bytes.erase(message.bytes.begin(), message.bytes.begin() + sizeof(lifeline_header));
        arrived.payload = std::move(message.bytes);
    }
    return arrived;
}

} // namespace ruche
