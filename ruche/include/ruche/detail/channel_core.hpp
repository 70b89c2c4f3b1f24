#pragma once

#include <ruche/detail/queue_core.hpp>

#include <utility>

/// What `channel<Out, In>` is made of once its values have become bytes. Not for use by programs.
namespace ruche::detail {

/// One end of a channel.
class channel_core;

struct channel_settings {
    std::size_t ring_bytes = 0;
    std::size_t large_bytes = 0;
    std::uint64_t there_fingerprint = 0; ///< of what the first end sends
    std::uint64_t back_fingerprint = 0;  ///< of what the second end sends
};

/// The descriptors that an end is made of, in this order wherever it travels.
struct channel_parts {
    fd out; ///< the memory that it writes
    fd in;  ///< the memory that it reads
    fd socket;
};

[[nodiscard]] std::pair<std::shared_ptr<channel_core>, std::shared_ptr<channel_core>>
make_channel_cores(const channel_settings& settings);

/// The end behind these descriptors, in their order. Throws: `bad_message`.
[[nodiscard]] std::shared_ptr<channel_core> open_channel(channel_parts parts, std::uint64_t out_fingerprint,
                                                         std::uint64_t in_fingerprint, bool with_a_stranger);
/// The descriptors of an end that goes away with them: it is not closed when this process lets go of it.
[[nodiscard]] std::vector<std::shared_ptr<const fd>> send_away(const std::shared_ptr<channel_core>& end);

/// `closed` if the other end is closed or gone: then nothing was sent.
wait_end send(channel_core& end, const outgoing& item, const wait_bounds& bounds);
wait_end receive(channel_core& end, incoming& item, const wait_bounds& bounds);
/// The same for a message of as many bytes as there are at `place`. Throws: `bad_message` if it was another.
wait_end receive_into(channel_core& end, std::span<std::byte> place, const wait_bounds& bounds);
/// Gives back the room of a message that `receive` has lent, if it has.
void end_loan(channel_core& end, const incoming& item) noexcept;
/// Whether nobody reports the death of the process at the other end, so that this end looks by itself.
[[nodiscard]] bool is_with_a_stranger(const channel_core& end) noexcept;
void set_with_a_stranger(channel_core& end);
void close(channel_core& end) noexcept;
[[nodiscard]] bool is_open(channel_core& end) noexcept;
[[nodiscard]] int pollable(channel_core& end) noexcept;
[[nodiscard]] bool ready(channel_core& end) noexcept;

} // namespace ruche::detail
