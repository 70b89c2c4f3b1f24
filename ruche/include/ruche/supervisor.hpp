#pragma once

#include <ruche/process.hpp>
#include <ruche/stop.hpp>
#include <ruche/supervisor_options.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ruche {

/// A process of a supervisor died more often than was allowed, so all were stopped. If the last of its deaths was by an
/// exception, that is nested in this one.
class too_many_restarts : public std::runtime_error {
public:
    too_many_restarts(std::string child, const std::string& what) : std::runtime_error(what), child_(std::move(child))
    {}

    [[nodiscard]] const std::string& child() const noexcept { return child_; }

    [[nodiscard]] std::pair<std::string, std::string> get_state() const { return {child_, what()}; }
    [[nodiscard]] static too_many_restarts set_state(const std::pair<std::string, std::string>& state)
    {
        return {state.first, state.second};
    }

private:
    std::string child_;
};

/// What a supervisor knows of one of its processes.
struct supervised_child {
    std::string name;
    int id = 0; ///< of its process; 0 while there is none
    std::size_t restarts = 0;
};

namespace detail {
class supervisor_core;
}

/// Keeps processes running: one that dies is started again, with the same arguments, after a pause that grows while it
/// keeps dying; and when that is hopeless, all are stopped and it says so.
///
///     ruche::supervisor family;
///     family.add("parser", parse, jobs, answers);          // parse(stop, jobs, answers) in a process of its own
///     family.add({.name = "store", .restart = ruche::restart_policy::transient}, store, answers);
///     family.run(stop);                                    // until a stop is requested; then all are gone
///
/// Processes are started in the order in which they are added, and stopped in the reverse one: each is asked, has its
/// grace, gets SIGTERM and then SIGKILL, and all of it takes at most `stop_within`. What one that died had leased from
/// a queue goes to its successor, as do the descriptors and handles among its arguments: they are kept here, so the
/// other end of a channel doesn't see it hang up.
///
/// A supervisor may be the work of a supervised process. Then they form a tree: a branch that gives up ends with
/// `too_many_restarts`, and the supervisor above starts the whole branch again.
///
///     void feeds(ruche::stop_token stop, jobs in) { ruche::supervisor family; family.add(…); family.run(stop); }
///     root.add("feeds", feeds, in);
///
/// The work is done by the one service thread of this process; nothing is polled. With nobody to tell (`on_event`), a
/// death is told on standard error. After Ctrl+C (`stop_on_signals`), or once this process was asked to stop, nothing
/// is started again.
///
/// Thread safety: all members may be called from any thread, save that `wait`, `run` and `stop` can't be called by
///   `on_event` (`std::logic_error`). Destruction stops all, as `stop` does.
/// If this process dies, all that it supervises ends with it, and what those supervise too.
class [[nodiscard]] supervisor {
public:
    explicit supervisor(supervisor_options options = {});
    supervisor(supervisor&&) noexcept = default;
    supervisor& operator=(supervisor&& other) noexcept;
    ~supervisor();

    /// Starts a process and keeps it running. The arguments are as for `process`; they are encoded once, now.
    /// Throws: `start_failed` if it can't be started now (then it wasn't added); `std::invalid_argument` if one of that
    ///   name is there; `std::logic_error` once all were stopped. (Once this process was asked to stop, nothing is
    ///   started any more, and nothing thrown.)
    template <detail::startable F, class... Args>
    void add(child_options options, F&& function, Args&&... arguments)
    {
        add(std::move(options),
            detail::make_launch<false>(std::forward<F>(function), std::forward<Args>(arguments)...));
    }
    template <detail::startable F, class... Args>
    void add(std::string name, F&& function, Args&&... arguments)
    {
        add(child_options{.name = std::move(name)}, std::forward<F>(function), std::forward<Args>(arguments)...);
    }

    /// The same for what `detail::make_launch` made ready.
    void add(child_options options, detail::launch&& call);

    /// Asks one to stop and doesn't start it again. Doesn't wait. Throws: `std::out_of_range` if there is none of that
    /// name.
    void remove(std::string_view name);
    /// Stops one, and those that its death would take with it, and starts them again. Doesn't wait. It counts as no
    /// death. Throws: `std::out_of_range`.
    void restart(std::string_view name);

    /// How often it was started again. Throws: `std::out_of_range`.
    [[nodiscard]] std::size_t restarts(std::string_view name) const;
    /// Those that are kept, or have finished, in their order.
    [[nodiscard]] std::vector<supervised_child> children() const;

    /// Waits until none runs and none will: all have finished, or were stopped.
    /// Throws: `too_many_restarts`.
    void wait();
    /// The same, at most so long. Returns whether that is so.
    [[nodiscard]] bool wait_for(std::chrono::nanoseconds patience);
    /// The same, until a stop is requested; in any case all are stopped then. Throws: `too_many_restarts`.
    void run(const stop_token& stop);

    /// Stops all, in reverse order. Blocks: until none is left, at most `stop_within`.
    void stop();

private:
    [[nodiscard]] detail::supervisor_core& core() const;

    std::shared_ptr<detail::supervisor_core> core_;
};

} // namespace ruche
