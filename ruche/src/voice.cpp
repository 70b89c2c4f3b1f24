#include "voice.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace ruche {

voice::voice(int line, const fd& answer) : line_(line), room_(answer, {{0, os::sealed_size(answer)}}) {}

os::transfer voice::say(lifeline_kind kind, std::span<const std::byte> payload, std::span<const int> descriptors) const
{
    lifeline_header header{kind};
    if (!room_.data() || payload.size() <= lifeline_inline_bytes)
        return report(line_, header, payload, descriptors);
    check_room(payload.size());
    std::memcpy(room_.data(), payload.data(), payload.size());
    header.payload_apart = 1;
    header.payload_bytes = payload.size();
    return report(line_, header, {}, descriptors);
}

os::transfer voice::answer(const sink& result) const
{
    std::vector<int> descriptors;
    for (const auto& descriptor : result.descriptors())
        descriptors.push_back(descriptor->get());
    if (result.borrowed().empty())
        return say(lifeline_kind::returned, result.bytes(), descriptors);
    const detail::message_parts message{result.bytes(), result.borrowed()};
    lifeline_header header{lifeline_kind::returned};
    header.payload_apart = 2;
    if (room_.data()) {
        header.payload_bytes = detail::packed_size(message);
        check_room(header.payload_bytes);
        detail::pack(message, room_.data());
        return report(line_, header, {}, descriptors);
    }
    const fd file = write_packed("ruche answer", message);
    descriptors.insert(descriptors.begin(), file.get());
    return report(line_, header, {}, descriptors);
}

void voice::check_room(std::size_t size) const
{
    if (size > room_.size())
        throw too_large("an answer of " + std::to_string(size) + " bytes from a sandbox that allows " +
                        std::to_string(room_.size()));
}

std::optional<lifeline_report> voice_ends::next(bool& line_ended, const deadline& until) const
{
    os::received_message message;
    const auto result = os::receive_message(line.get(), message, until);
    line_ended = result == os::transfer::peer_gone;
    if (result != os::transfer::done || message.bytes.size() < sizeof(lifeline_header))
        return std::nullopt;
    lifeline_report arrived;
    std::memcpy(&arrived.header, message.bytes.data(), sizeof arrived.header);
    arrived.descriptors = std::move(message.descriptors);
    if (arrived.header.payload_apart) {
        // Copied once, then judged: whoever wrote it may still be writing.
        const os::shared_mapping room(answer, {{0, os::sealed_size(answer)}});
        const auto size = std::min<std::uint64_t>(arrived.header.payload_bytes, room.size());
        arrived.payload.assign(room.data(), room.data() + size);
    } else {
        arrived.payload.assign(message.bytes.begin() + sizeof(lifeline_header), message.bytes.end());
    }
    return arrived;
}

} // namespace ruche
