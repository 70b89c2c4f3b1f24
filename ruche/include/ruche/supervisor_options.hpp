#pragma once

#include <ruche/exit_status.hpp>
#include <ruche/process.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>

/// How a `supervisor` keeps its processes, and what it tells of them.
namespace ruche {

/// Which processes are started again when one has died.
enum class restart_strategy {
    one_for_one,  ///< that one
    one_for_all,  ///< all of them; the others are stopped first, in reverse order. For those that share what died
    rest_for_one, ///< that one and those added after it, which are stopped first. For those that build on one another
};

/// Whether a process that has ended by itself is started again.
enum class restart_policy {
    permanent, ///< always: it is a service, and ends only when it is asked to
    transient, ///< unless it has returned, or exited with 0: it has work to finish
    temporary, ///< never: its end is told, and it is forgotten
};

/// How long a dead process stays down: at first not at all, then for a pause that grows as long as it keeps dying.
struct back_off {
    std::chrono::nanoseconds first{0}; ///< before the first restart
    std::chrono::nanoseconds second = std::chrono::milliseconds(10);
    double factor = 10; ///< from the second pause to the third, and so on
    std::chrono::nanoseconds longest = std::chrono::seconds(30);
    double jitter =
        0.2; ///< each pause is longer or shorter by up to this part of it, so that not all come back at once
    std::chrono::nanoseconds healthy_after =
        std::chrono::seconds(60); ///< who has lived so long begins at `first` again
};

/// As a number of restarts or errors: there may be any.
inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// Something that a supervisor has done or seen.
struct supervisor_event {
    enum class kind {
        started,
        restarted,
        ended,         ///< of itself or killed: `status` says how
        start_refused, ///< a restart did not succeed: `why` says what the system said
        waiting,       ///< it is to be started again, in `pause`
        stuck,         ///< it has not said for too long that it lives, and is ended
        finished,      ///< it has ended, and stays so by its policy
        stopped,       ///< it has ended since it was asked to
        given_up,      ///< it has died too often; all are stopped
    };
    kind what = kind::started;
    std::string child;
    int id = 0; ///< of its process, where there is one
    std::optional<exit_status> status = {};
    std::chrono::nanoseconds pause{0};
    std::string why = {};
};

/// How a family is kept.
struct supervisor_options {
    restart_strategy strategy = restart_strategy::one_for_one;
    /// More deaths than that, `within` that time, mean that something is wrong that no restart mends: all are stopped,
    /// and `wait` throws. What the pauses take doesn't count in that time.
    std::size_t max_restarts = 5;
    std::chrono::nanoseconds within = std::chrono::seconds(10);
    /// How often in a row one of them may end by an exception of its own before it is the same. (To be killed from
    /// outside is no such error.)
    std::size_t max_errors = unlimited;
    back_off pauses = {};
    /// How long the end of all may take together, at most; who is left then is killed.
    std::chrono::nanoseconds stop_within = std::chrono::seconds(30);
    /// Called for each event, in their order, on the service thread of this process: it should be quick. What it throws
    /// is told on standard error.
    std::function<void(const supervisor_event& event)> on_event = {};
};

/// How one process is kept.
struct child_options {
    std::string name;
    restart_policy restart = restart_policy::permanent;
    /// From SIGTERM to SIGKILL; the time from being asked to SIGTERM is `process.grace`.
    std::chrono::nanoseconds last_grace = std::chrono::seconds(1);
    /// With a `heartbeat`, one that hasn't said for twice that time that it lives is stuck: it is ended by SIGABRT, so
    /// that its status tells where it was, and after `last_grace` by SIGKILL.
    process_options process = {};
};

} // namespace ruche
