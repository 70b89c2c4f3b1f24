#pragma once

#include "announce/log_line.hpp"
#include "pipeline/messages.hpp"
#include "rules/rule_book.hpp"

#include <ruche/queue.hpp>
#include <ruche/stop.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace rssmania {

/// What is to be done with news beside printing it.
struct hook_options {
    std::string directory;         ///< of the store
    std::string match;             ///< articles of which it doesn't hold are left alone
    std::vector<std::string> exec; ///< run for each article; nothing if empty
    std::vector<rule> rules;       ///< those with a program run it for articles that match
    std::chrono::milliseconds patience = std::chrono::seconds(10); ///< with each program
    bool notify = false;                                           ///< tell on the desktop
    log_format log = log_format::text;

    /// Whether there is anything to do at all.
    [[nodiscard]] bool any() const;
};

/// The process that runs the user's programs, one after the other, and tells the desktop. `told` has the numbers of
/// events that were printed; it returns once that is closed and everything up to the last of them is done.
///
/// A program that fails is told on standard error, and not run again. If this process dies between running a program
/// and noting it, it is run again for that article, once.
void hook_stage(ruche::stop_token stop, ruche::queue<event_id> told, hook_options options);

/// Before the stages start: where the hooks begin. Without any, nothing is kept: those set later begin with what comes
/// then.
void prepare_hooks(const hook_options& options, event_id told);

} // namespace rssmania
