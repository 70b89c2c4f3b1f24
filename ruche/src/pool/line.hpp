#pragma once

#include "os/readiness.hpp"
#include "pool/byte_ring.hpp"

#include <ruche/fd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

/// The way between a pool and one of its workers: a stream of bytes in each direction, and descriptors beside it.
///
/// Where both may share memory, the bytes go through two rings, and a side makes a system call only to wake the other
/// from its sleep: the worker sleeps on a word, the pool on an event in its set of descriptors, and only once it has
/// said so (`arm`). A worker in a sandbox may map nothing, and has a socket instead. Neither end is told of the other's
/// death: the pool hears of it from the process itself, and no worker outlives its pool's process.
namespace ruche::pooling {

/// What the two ends share where they may share memory.
struct shared_line {
    shared_ring requests;
    shared_ring results;
    alignas(64) os::futex_word worker_sleeps; ///< set by the worker, taken back by whoever wakes it
    alignas(64) os::futex_word pool_listens;  ///< set by the pool: its event is to be set at the next result
    os::futex_word pool_wants_room;           ///< set by the pool: or when there is room again
};

/// The descriptors of the worker's end. Those that there are depend on the kind of the line.
struct line_end {
    fd socket; ///< for descriptors, or for everything
    fd memory; ///< a `shared_line`
    fd event;  ///< wakes the pool
};

/// The pool's end.
class worker_line {
public:
    virtual ~worker_line() = default;

    /// Sends as much as there is room for, and returns how much; all of it if the worker is past listening.
    [[nodiscard]] virtual std::size_t send(std::span<const std::byte> bytes) = 0;
    /// Whether the set of descriptors is to tell when there is room again.
    virtual void want_room(bool wanted) = 0;
    /// Sends descriptors ahead of the record that they belong to. Returns false if they don't go now.
    [[nodiscard]] virtual bool send_descriptors(std::span<const int> numbers) = 0;

    /// Whether `receive` would find something, as far as that can be seen without a system call.
    [[nodiscard]] virtual bool has_news() const noexcept = 0;
    /// Appends what is there. Returns false if nothing more will come.
    [[nodiscard]] virtual bool receive(std::vector<std::byte>& to) = 0;
    /// Takes the descriptors of the record that has just arrived.
    virtual void receive_descriptors(std::size_t count, std::vector<fd>& to) = 0;

    /// From now on the set of descriptors tells of news; what came before has to be looked for afterwards.
    virtual void arm() noexcept = 0;
    /// It need not any more, for whoever looks is awake.
    virtual void disarm() noexcept = 0;
};

/// A line whose pool's end reports to `set`, as `key`. Throws: `os_error`.
[[nodiscard]] std::pair<std::unique_ptr<worker_line>, line_end> make_line(bool to_a_sandbox, os::readiness_set& set,
                                                                          std::uint64_t key);

/// The worker's end.
class pool_line {
public:
    virtual ~pool_line() = default;

    /// Appends what is there, waiting for something. Returns false once the pool is gone.
    [[nodiscard]] virtual bool receive(std::vector<std::byte>& to) = 0;
    /// Sends all of it, waiting for room.
    virtual void send(std::span<const std::byte> bytes) = 0;
    [[nodiscard]] virtual std::vector<fd> receive_descriptors(std::size_t count) = 0;
    /// Sends descriptors ahead of the record that they belong to.
    virtual void send_descriptors(std::span<const int> numbers) = 0;
};

/// The end that `make_line` has made for the worker. Throws: `os_error`.
[[nodiscard]] std::unique_ptr<pool_line> open_line(line_end end);

} // namespace ruche::pooling
