#pragma once

#include "os/module.hpp"
#include "os/poll.hpp"
#include "os/shared_page.hpp"
#include "os/socket.hpp"

#include <ruche/detail/actor_core.hpp>
#include <ruche/error.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

/// What handles of actors and the processes of their objects say to each other.
///
/// A **door** is a pair of sockets. All handles, in all processes, hold descriptors of one end; the object's process
/// (and its supervisor, if it has one) holds the other. When the last handle is gone, by whatever death, the kernel
/// hangs up. A process that wants to call makes a **line**, a pair of sockets of its own, and sends one end through the
/// door. On it go its calls, and the answers come back, in order. When the object's process dies, its end is closed, so
/// every caller hears of it at once.
namespace ruche::detail {

enum class call_kind : std::uint32_t {
    call,   ///< wants an answer
    tell,   ///< wants none
    create, ///< beside it are the door and the first line of a new object in this process
    stop,   ///< end the object
    leave,  ///< the maker's handle has gone: say if there are others
};

struct call_header {
    std::uint64_t number = 0; ///< of the call, on its line
    call_kind kind = call_kind::call;
    std::uint32_t apart = 0; ///< whether the bytes are in a memory file, the first descriptor
    os::code_location task{};
};

enum class reply_kind : std::uint32_t {
    hello, ///< the first on each line; beside it is a pidfd of the object's process
    value,
    threw,  ///< as `encode_thrown` wrote it
    others, ///< to `leave`: there are other handles
    ended,  ///< the last on a line: the object has ended as it was to; its number is that of the other objects
};

struct reply_header {
    std::uint64_t number = 0;
    reply_kind kind = reply_kind::value;
    std::uint32_t apart = 0;
};

/// How many calls of one process may wait for their answers. With answers of at most `inline_answer` bytes (larger ones
/// lie in memory files), those of so many fit in a socket: who answers never waits for a caller.
inline constexpr std::size_t most_unanswered = 32;
inline constexpr std::size_t inline_answer = 2048;
inline constexpr std::size_t inline_call = std::size_t{16} * 1024;

enum class arrival { message, nothing, hung_up };

/// Sends a header and a message; bytes that are more than `most` travel in a memory file. Returns whether anybody is at
/// the other end. Throws: `deadline_exceeded`, `os_error`.
template <class Header>
bool send_on_line(const fd& line, Header header, std::span<const std::byte> bytes,
                  std::span<const std::shared_ptr<const fd>> descriptors, std::size_t most, const deadline& until)
{
    std::vector<int> numbers;
    fd apart;
    if (bytes.size() > most) {
        apart = os::make_memory_file("ruche call", bytes);
        numbers.push_back(apart.get());
        header.apart = 1;
        bytes = {};
    }
    for (const auto& each : descriptors)
        numbers.push_back(each->get());
    const std::array<std::span<const std::byte>, 2> parts{os::as_part(header), bytes};
    for (;;) {
        const auto how = os::send_message(line.get(), parts, numbers, false);
        if (how != os::transfer::would_block)
            return how == os::transfer::done;
        if (!os::wait_writable(line.get(), until))
            throw deadline_exceeded("there was no room for the call in time");
    }
}

/// What arrived on a line, whole.
template <class Header>
struct line_message {
    Header header;
    std::vector<std::byte> bytes;
    std::vector<fd> descriptors;
};

template <class Header>
arrival receive_on_line(const fd& line, line_message<Header>& into, const deadline& until)
{
    os::received_message raw;
    switch (os::receive_message(line.get(), raw, until)) {
    case os::transfer::would_block:
        return arrival::nothing;
    case os::transfer::peer_gone:
        return arrival::hung_up;
    case os::transfer::done:
        break;
    }
    if (raw.bytes.size() < sizeof(Header))
        throw bad_message("a message between actors has no header", raw.bytes.size());
    std::memcpy(&into.header, raw.bytes.data(), sizeof(Header));
    into.descriptors = std::move(raw.descriptors);
    if (into.header.apart != 0 && !into.descriptors.empty()) {
        into.bytes = os::read_memory_file(into.descriptors.front());
        into.descriptors.erase(into.descriptors.begin());
    } else {
        raw.bytes.erase(raw.bytes.begin(), raw.bytes.begin() + sizeof(Header));
        into.bytes = std::move(raw.bytes);
    }
    return arrival::message;
}

/// How a process is started that makes an object and carries out what it is called for.
[[nodiscard]] launch host_launch(const fd& door, const fd* line, const actor_task& creation);

/// Where the code of `task` lies. Throws: `start_failed` if its module has no build id.
[[nodiscard]] os::code_location locate_task(const task_registration& task);

} // namespace ruche::detail
