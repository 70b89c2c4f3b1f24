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
    if (payload.size() > room_.size())
        throw too_large("an answer of " + std::to_string(payload.size()) + " bytes from a sandbox that allows " +
                        std::to_string(room_.size()));
    std::memcpy(room_.data(), payload.data(), payload.size());
    header.payload_apart = 1;
    header.payload_bytes = payload.size();
    return report(line_, header, {}, descriptors);
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
