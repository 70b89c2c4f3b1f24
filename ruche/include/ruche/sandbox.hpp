#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

/// Processes that may compute and nothing else, for work on data that nobody trusts.
///
///     ruche::process_options careful{.name = "parser", .sandbox = ruche::sandbox::compute()};
///     const page parsed = ruche::async(careful, parse, downloaded).get();
///
/// Such a process has its arguments, memory, a clock and the processor. It opens no file, reaches no network, starts no
/// process or thread, signals nobody, and has only the descriptors that its arguments carry; it may write a little to
/// standard output and error, which are the caller's. Its answer or exception comes back as that of any process.
/// Queues and other shared memory can't be used in it: what it sends is copied, and read as an enemy's word.
///
/// One that breaks the rules is killed at that very call, and its status says so: "killed for calling openat(2), which
/// its sandbox does not allow", with the stack (see `exit_status::forbidden_call`).
namespace ruche::sandbox {

/// What the walls are made of. Each stands without the others; together they must all fail before anything gets out.
enum class layer : std::uint32_t {
    limits = 1,       ///< setrlimit(2): memory, time, no new files, processes, queues, locks, core dumps
    capabilities = 2, ///< capabilities(7): none, and no way to gain any
    namespaces = 4,   ///< namespaces(7): a user, network, IPC, host name, mount and cgroup world of its own, empty
    landlock = 8,     ///< landlock(7): no path may be opened, no port, no abstract socket, nobody signalled
    seccomp = 16,     ///< seccomp(2): a list of the calls that computing needs; any other ends the process
};
inline constexpr std::array all_layers{layer::limits, layer::capabilities, layer::namespaces, layer::landlock,
                                       layer::seccomp};

/// Some of the layers. A value.
class layers {
public:
    constexpr layers() noexcept = default;
    constexpr layers(layer one) noexcept : bits_(static_cast<std::uint32_t>(one)) {}
    [[nodiscard]] static constexpr layers all() noexcept { return of_bits(31); }
    [[nodiscard]] static constexpr layers of_bits(std::uint32_t bits) noexcept
    {
        layers some;
        some.bits_ = bits & 31;
        return some;
    }

    [[nodiscard]] constexpr bool contains(layer one) const noexcept
    {
        return (bits_ & static_cast<std::uint32_t>(one)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }

    // What travels.
    [[nodiscard]] constexpr std::uint32_t get_state() const noexcept { return bits_; }
    constexpr void set_state(std::uint32_t from) noexcept { *this = of_bits(from); }

    friend constexpr layers operator|(layers a, layers b) noexcept { return of_bits(a.bits_ | b.bits_); }
    friend constexpr layers operator-(layers a, layers b) noexcept { return of_bits(a.bits_ & ~b.bits_); }
    friend constexpr bool operator==(layers, layers) noexcept = default;

private:
    std::uint32_t bits_ = 0;
};
constexpr layers operator|(layer a, layer b) noexcept { return layers(a) | layers(b); }

/// "limits, capabilities, seccomp"; "none".
[[nodiscard]] std::string describe(layers some);

/// How much a sandboxed process may use.
struct limits {
    std::uint64_t memory = 256U << 20;                  ///< bytes of address space beyond the program's own image
    std::chrono::seconds cpu_time{10};                  ///< of the processor; then it is killed
    std::chrono::nanoseconds wall_time{60'000'000'000}; ///< from its start, asleep or awake; then it is killed
    std::uint64_t answer = 64U << 20;                   ///< bytes of what it returns or throws
    std::uint64_t output = 1U << 20; ///< bytes that it may add to a file that is its standard output or error

    friend bool operator==(const limits&, const limits&) = default;
};

/// A sandbox to be built around a process. Made by `compute`.
struct profile {
    limits most = {};
    layers wanted = layers::all();
    layers may_lack = {};

    friend bool operator==(const profile&, const profile&) = default;
};

/// Computing only, within `most`. A start throws `start_failed`, naming what is missing, where the kernel (or whoever
/// set up this machine) can't give all layers; `may_lack` are those that it may go without, and `process::sandbox` then
/// tells. Address and thread sanitizers need calls of their own, so under them there is no seccomp layer, and no
/// limit on memory and descriptors.
[[nodiscard]] profile compute(limits most = {}, layers may_lack = {});

/// Which layers hold, and why the others don't.
class report {
public:
    report() = default;

    [[nodiscard]] layers held() const noexcept { return held_; }
    [[nodiscard]] layers missing() const noexcept { return missing_; }
    /// "limits, capabilities, seccomp; without namespaces (Operation not permitted)".
    [[nodiscard]] std::string describe() const;

    void add_held(layer one) noexcept { held_ = held_ | one; }
    void add_missing(layer one, int error_number);

    // What travels.
    struct state {
        std::uint32_t held = 0, missing = 0;
        std::array<std::int32_t, all_layers.size()> errors{};
    };
    [[nodiscard]] state get_state() const { return {held_.bits(), missing_.bits(), errors_}; }
    void set_state(state from);

private:
    layers held_, missing_;
    std::array<std::int32_t, all_layers.size()> errors_{}; ///< errno of those that are missing
};

/// What this machine can do, found out by building one. Throws: `start_failed`.
[[nodiscard]] report support();

} // namespace ruche::sandbox
