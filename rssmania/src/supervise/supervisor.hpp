#pragma once

#include <ruche/process.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace rssmania {

/// How patient a `supervisor` is.
struct supervision {
    std::chrono::milliseconds first_pause{50}; ///< before the first restart of a stage; doubles from death to death
    std::chrono::milliseconds longest_pause{5'000};
    std::chrono::milliseconds good_health{2'000}; ///< a stage that lived so long starts from the first pause again
    std::chrono::milliseconds grace{1'000};       ///< from the request to stop to SIGTERM
    std::chrono::milliseconds last_grace{500};    ///< from there to SIGKILL
    int most_errors = 10;                         ///< in a row, of one stage that ends by an error of its own
};

/// Prints what a supervisor reports as a line on standard error.
void report_on_standard_error(const std::string& line);

/// Keeps processes running: one that dies is reported and started again, after a pause that grows while it keeps dying.
///
///     supervisor stages({.report = print_line});
///     stages.keep("fetch", [=] { return ruche::process({.name = "fetch"}, fetch_stage, queues, options); });
///     …
///     stages.stop();                                       // all are gone within a second and a half
///
/// A stage that returns has finished its work and is not started again. One that keeps ending by errors of its own (as
/// opposed to being killed) is given up: nothing would be different the next time.
///
/// Thread safety: `keep` and `stop` are for the thread that made it; the callbacks come from threads of its own, one at
/// a time.
class supervisor {
public:
    using start_function = std::function<ruche::process()>;

    struct callbacks {
        std::function<void(const std::string& line)> report = {};   ///< a death, in words for the user
        std::function<void(const std::string& name)> finished = {}; ///< a stage has returned
        std::function<void(const std::string& name)> given_up = {}; ///< a stage fails again and again
    };

    explicit supervisor(callbacks tell, const supervision& how = {});
    ~supervisor();
    supervisor(const supervisor&) = delete;
    supervisor& operator=(const supervisor&) = delete;

    /// Starts a stage and keeps it running.
    void keep(const std::string& name, start_function start);

    /// Asks all stages to end, and sees to it that they do. Afterwards none is left. May be called again.
    void stop();

private:
    using clock = std::chrono::steady_clock;

    struct stage {
        std::string name;
        start_function start;
        ruche::process* running = nullptr; // guarded by mutex_; in `watch_over`'s frame
        bool ended = false;                // guarded by mutex_: its thread is about to return
        std::thread thread;
    };

    // Why a stage has to be started again.
    struct failure {
        std::string words;
        bool own_error = false; // it threw, as opposed to being killed
    };

    void watch_over(stage& which);
    [[nodiscard]] std::optional<failure> run_once(stage& which);
    [[nodiscard]] bool complain(const stage& which, const failure& why, int errors);
    void report(const std::string& line);
    [[nodiscard]] bool pause(std::chrono::milliseconds time);
    [[nodiscard]] bool wait_for_all(clock::time_point end);
    void for_running(const std::function<void(ruche::process&)>& action);

    callbacks tell_;
    supervision how_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::mutex telling_;    // one callback at a time
    bool stopping_ = false; // guarded by mutex_
    std::list<stage> stages_;
};

} // namespace rssmania
