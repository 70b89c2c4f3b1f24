#pragma once

#include <ruche/wire/sink.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// A message with large runs, on its way through shared memory: the runs are copied there once, from where the sender
/// has them, and once from there to where the receiver wants them. Not for use by programs.
///
///     u64 number of runs, u64 bytes of the rest | for each run: u64 place, u64 size | the rest | the runs
///
/// Each of the parts starts at a multiple of 64. The runs stand in the order in which the message refers to them.
namespace ruche::detail {

/// A message as its sender has it: what was encoded, and what was left where it lies.
struct message_parts {
    std::span<const std::byte> bytes;
    std::span<const wire::piece> apart;
};

[[nodiscard]] std::size_t packed_size(const message_parts& message) noexcept;

/// Writes it to `to`, where there is room.
void pack(const message_parts& message, std::byte* to) noexcept;

/// What must be written where, for those who write a file. `head` keeps the table alive.
[[nodiscard]] std::vector<wire::piece> packed_pieces(const message_parts& message, std::vector<std::byte>& head);

/// A packed message where it lies. All but the runs is copied before it is believed: others may write there.
class packed_message {
public:
    /// Throws: `bad_message` if it is none.
    explicit packed_message(std::span<const std::byte> packed);

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::span<const wire::piece> apart() const noexcept { return apart_; }

private:
    std::vector<std::byte> bytes_;
    std::vector<wire::piece> apart_;
};

} // namespace ruche::detail
