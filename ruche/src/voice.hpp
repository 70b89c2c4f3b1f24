#pragma once

#include "lifeline.hpp"
#include "os/shared_mapping.hpp"

#include <ruche/wire/sink.hpp>

#include <span>

namespace ruche {

/// How a process tells its starter what became of its call: on its lifeline; or, where it can't be trusted to leave
/// the server's words there alone, on a socket of its own, with room in shared memory for what is large.
class voice {
public:
    explicit voice(int lifeline) noexcept : line_(lifeline) {}
    /// Of a sandboxed process, which can't make memory files any more.
    voice(int line, const fd& answer);

    [[nodiscard]] int line() const noexcept { return line_; }

    /// Throws: `too_large`, if the room is smaller than `payload`.
    os::transfer say(lifeline_kind kind, std::span<const std::byte> payload = {},
                     std::span<const int> descriptors = {}) const;

    /// Says what a call returned.
    os::transfer answer(const sink& result) const;

private:
    void check_room(std::size_t size) const;

    int line_;
    os::shared_mapping room_;
};

/// The other end of the second kind, at the starter: takes nothing on trust.
struct voice_ends {
    fd line;
    fd answer;

    /// What the process has said next; nothing if it has ended (`line_ended`) or `until` has passed.
    [[nodiscard]] std::optional<lifeline_report> next(bool& line_ended, const deadline& until = {}) const;
};

} // namespace ruche
