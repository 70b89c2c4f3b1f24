#pragma once

#include <ruche/supervisor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace rssmania {

/// How patient a `supervisor` is.
struct supervision {
    std::chrono::milliseconds first_pause{50}; ///< before the first restart of a stage; doubles from death to death
    std::chrono::milliseconds longest_pause{5'000};
    std::chrono::milliseconds good_health{2'000}; ///< a stage that lived so long starts from the first pause again
    std::chrono::milliseconds grace{1'000};       ///< from the request to stop to SIGTERM
    std::chrono::milliseconds last_grace{500};    ///< from there to SIGKILL
    std::size_t most_errors = 10;                 ///< in a row, of one stage that ends by an error of its own
};

/// Prints what a supervisor reports as a line on standard error.
void report_on_standard_error(const std::string& line);

/// Keeps the stages running, and says in the user's language what becomes of them: one that dies is started again,
/// after a pause that grows while it keeps dying.
///
///     supervisor stages({.report = print_line});
///     stages.keep("fetch", fetch_stage, queues, options);
///     …
///     stages.stop();                                       // all are gone within a second and a half
///
/// A stage that returns has finished its work and is not started again. One that keeps ending by errors of its own (as
/// opposed to being killed) is given up, and all are stopped: nothing would be different the next time.
///
/// Thread safety: `keep` and `stop` are for the thread that made it; the callbacks come from the service thread, one at
/// a time.
class supervisor {
public:
    struct callbacks {
        std::function<void(const std::string& line)> report = {};   ///< a death, in words for the user
        std::function<void(const std::string& name)> finished = {}; ///< a stage has returned
        std::function<void(const std::string& name)> given_up = {}; ///< a stage fails again and again
    };

    explicit supervisor(callbacks tell, const supervision& how = {});

    /// Starts a stage, `function` in a process of its own, and keeps it running.
    template <class F, class... Args>
    void keep(const std::string& name, F&& function, Args&&... arguments)
    {
        stages_.add(options_for(name), std::forward<F>(function), std::forward<Args>(arguments)...);
    }

    /// Asks all stages to end, and sees to it that they do. Afterwards none is left. May be called again.
    void stop() { stages_.stop(); }

private:
    [[nodiscard]] ruche::child_options options_for(const std::string& name) const;
    void heed(const ruche::supervisor_event& event);
    void report(const std::string& line) const;

    callbacks tell_;
    supervision how_;
    std::map<std::string, std::string> last_ends_; // of the stages, in words; the service thread's
    ruche::supervisor stages_;                     // last: it stops before what its events are told to goes
};

} // namespace rssmania
