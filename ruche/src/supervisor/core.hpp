#pragma once

#include "os/futex.hpp"
#include "service.hpp"
#include "supervisor/plan.hpp"

#include <ruche/detail/queue_core.hpp>
#include <ruche/supervisor.hpp>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace ruche::detail {

/// Carries out what a `supervision::plan` decides: starts processes, hears of their ends, sends signals, keeps time.
///
/// Everything is done under one lock, by the thread that calls or by the service thread; only the events are told
/// without it. It lives on until the last job of the service thread that is about it has run.
class supervisor_core : public std::enable_shared_from_this<supervisor_core> {
public:
    explicit supervisor_core(supervisor_options options);

    void add(child_options options, launch&& call);
    void remove(std::string_view name);
    void restart(std::string_view name);
    [[nodiscard]] std::size_t restarts(std::string_view name) const;
    [[nodiscard]] std::vector<supervised_child> children() const;

    /// Waits until it is over. Returns whether it is.
    bool wait(const wait_bounds& bounds);
    /// Throws if a child was given up.
    void complain();
    void stop();
    /// The handle goes.
    void leave() noexcept;

private:
    using number = supervision::child_number;

    struct member {
        child_options options;
        launch call;
        process running = {};
        bool has_run = false;
        service::ticket watch = 0;
        std::optional<exit_status> last = {};
    };

    [[nodiscard]] number find(std::string_view name) const;
    void obey();
    void obey(const supervision::step& step);
    void start(number which);
    void refuse(number which, member& one);
    void see_end(number which);
    void time_passes();
    void set_alarm();
    void heed_stops();
    void note_given_up(const member& one);

    void emit(supervisor_event::kind what, const member& one);
    void emit(supervisor_event event);
    void tell_events();
    [[nodiscard]] bool is_over() const;
    void wake_waiters() noexcept;

    const int owner_; ///< the process: in a copy of it made by fork, nothing here is ours
    const std::function<void(const supervisor_event&)> on_event_;

    mutable std::mutex mutex_; ///< guards what follows
    supervision::plan plan_;
    std::map<number, member> members_;
    bool heeded_ = false;        ///< this process was asked to stop
    number adding_ = 0;          ///< whose first start is tried by `add`
    std::exception_ptr refusal_; ///< how that went
    deadline alarm_;             ///< when `time_passes` will be called
    std::deque<supervisor_event> events_;
    bool telling_ = false;
    std::exception_ptr given_up_;
    bool complained_ = false;
    os::futex_word changes_{0}; ///< counts whatever those who wait may wait for
};

} // namespace ruche::detail
