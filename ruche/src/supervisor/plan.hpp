#pragma once

#include <ruche/supervisor_options.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

/// What a supervisor decides, without the means: no clock, no thread, no process. What happens is told to it with the
/// moment at which it happened; what is to be done comes out as steps. So a test can live through a thousand years of
/// deaths in a second, and any of them again.
namespace ruche::supervision {

using moment = std::chrono::steady_clock::time_point;
using child_number = std::uint64_t; ///< counts up: who was added later has the higher one

/// How a process ended.
enum class ending { well, badly, by_an_error_of_its_own };

enum class step_kind {
    start,    ///< start it, and tell with `started` or `not_started`
    ask,      ///< ask it to stop
    tell,     ///< send SIGTERM
    make,     ///< send SIGKILL
    abort,    ///< it is stuck: send SIGABRT, so that it says where
    pause,    ///< for the record: it will be started again in `pause`
    finished, ///< for the record: it has ended, and stays so
    stopped,  ///< for the record: it has ended as it was asked to
    given_up, ///< for the record: it died too often
};

struct step {
    step_kind what;
    child_number which;
    std::chrono::nanoseconds pause{0};
};

/// What the plan knows of how a process is to be kept.
struct terms {
    restart_policy restart = restart_policy::permanent;
    std::chrono::nanoseconds grace{};
    std::chrono::nanoseconds last_grace{};
    std::chrono::nanoseconds heartbeat{};
};

/// Invariants, for every order of events:
///  1. A child is started only while it is down, and never once a stop was asked for or the family was given up.
///  2. Children are started in the order in which they were added and stopped in the reverse one, each when those
///     before it are up or down.
///  3. Of those that a death takes down with it, none is started before all are down.
///  4. Every child that was asked to stop is down after its graces, or killed; all are after `stop_within`.
///  5. With no steps left to take, `wake_at` lies in the future, or never.
class plan {
public:
    plan(const supervisor_options& options, std::uint32_t seed) : options_(options), random_(seed) {}

    // --- what happens

    child_number add(const terms& how, moment now);
    void started(child_number which, moment now);
    void not_started(child_number which, moment now);
    void ended(child_number which, ending how, moment now);
    /// It has last said at `when` that it lives.
    void lives(child_number which, moment when);
    void time_passes(moment now);
    /// Stops one, and forgets it.
    void remove(child_number which, moment now);
    /// Stops one, with those that its death would take with it, and starts them again. Nothing happens if it is down.
    void restart(child_number which, moment now);
    void stop(moment now);

    // --- what is to be done

    [[nodiscard]] std::optional<step> next();
    /// When `time_passes` is to be called at the latest.
    [[nodiscard]] moment wake_at() const;

    // --- how things are

    [[nodiscard]] bool is_known(child_number which) const;
    [[nodiscard]] bool is_up(child_number which) const;
    [[nodiscard]] std::size_t restarts(child_number which) const;
    /// Whether none is up, and none will be unless something is added.
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] bool is_stopping() const noexcept { return stopping_; }
    /// Who died too often, if one did.
    [[nodiscard]] std::optional<child_number> given_up() const noexcept { return given_up_; }

private:
    enum class state { waiting, starting, up, asked, told, made, aborted, resting };

    struct child {
        child_number number;
        terms how;
        state now = state::waiting;
        moment next{}; ///< of `waiting`: when it may start; of those that are ended: the next step
        moment up_since{};
        moment lived_at{};
        bool stuck = false;   ///< it did not say that it lives
        bool renew = false;   ///< it is brought down to be started again
        bool leaving = false; ///< it is brought down to be forgotten
        std::size_t starts = 0;
        std::size_t deaths_in_a_row = 0;
        std::size_t errors_in_a_row = 0;
        std::deque<moment> deaths = {}; ///< those that may lie within `within`, moved by the pauses since
    };

    [[nodiscard]] static bool is_down(const child& one) noexcept
    {
        return one.now == state::waiting || one.now == state::resting;
    }
    [[nodiscard]] child* find(child_number which);
    [[nodiscard]] const child* find(child_number which) const;
    void settle(moment now);
    void bring_down(moment now);
    void ask(child& one, moment now);
    void start_due(moment now);
    [[nodiscard]] bool in_groups() const noexcept;
    [[nodiscard]] bool some_go_down() const;
    void rest(child& one, step_kind why);
    void has_died(child& one, ending how, moment now);
    [[nodiscard]] bool too_often(child& one, ending how, moment now);
    [[nodiscard]] std::chrono::nanoseconds next_pause(child& one);
    void take_down_with(const child& dead);
    void give_up(const child& one, moment now);
    void press(child& one, moment now);
    [[nodiscard]] moment next_moment_of(const child& one) const;
    [[nodiscard]] moment kill_all_at() const noexcept { return stopping_ ? all_gone_by_ : moment::max(); }
    void emit(step_kind what, const child& one, std::chrono::nanoseconds pause = {});

    supervisor_options options_;
    std::minstd_rand random_;
    std::vector<child> children_; ///< by their numbers
    child_number last_number_ = 0;
    std::deque<step> steps_;
    moment not_before_ = moment::min(); ///< of a group that is started again
    bool stopping_ = false;
    moment all_gone_by_ = moment::max();
    std::optional<child_number> given_up_;
};

} // namespace ruche::supervision
