#pragma once

#include "control_page.hpp"
#include "lifeline.hpp"
#include "orderly_end.hpp"
#include "os/stack.hpp"
#include "sandboxed.hpp"
#include "server_link.hpp"
#include "starting.hpp"
#include "turn.hpp"

#include <ruche/process.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ruche::detail {

/// What a `process` stands for: a process that was started, what it has said since, and how it ended.
struct process_core {
    process_core();
    ~process_core();
    process_core(const process_core&) = delete;
    process_core& operator=(const process_core&) = delete;

    std::string name;
    std::chrono::nanoseconds grace{};
    bool takes_stop_token = false;
    int id = 0;
    fd process;
    std::atomic<bool> started{false}; ///< id and process are there, and stay as they are
    fd lifeline;
    std::shared_ptr<const server_link::connection> server;
    std::shared_ptr<control_page> control;
    std::optional<orderly_end> orderly; ///< when a signal asks the program to stop
    captured_streams captured;
    std::optional<sandboxed> box; ///< if it lives in a sandbox

    turn mutex; ///< of what follows: one thread at a time reads the lifeline
    std::optional<exit_status> status;
    std::exception_ptr error;
    std::vector<os::code_location> thrown_at; ///< the stack of `error`
    std::optional<answer> result;
    bool forked = false;     ///< our own child, whose end its pidfd tells
    bool line_ended = false; ///< of a forked one: it has closed its end of the lifeline
    bool looked_at = false;
    std::atomic<bool> killed{false}; ///< by this handle; a flag alone, it orders nothing
    bool ready = false;              ///< it has said that it has set itself up
    bool stopped_reading = false;    ///< what it still writes to us ends it, and that is our doing

    void take_start();
    void take_ready();
    [[nodiscard]] std::optional<lifeline_report> next_word();
    void take_last_words();
    [[nodiscard]] std::optional<exit_status> wait(const deadline& until);
    void take_forked_start(int child);
    [[nodiscard]] std::optional<lifeline_report> next(bool& ended, const deadline& until);
    [[nodiscard]] exit_status end_of_forked() const;
    void take(lifeline_report&& arrived);
    void take_exception(lifeline_report&& arrived);
    [[nodiscard]] exit_status obituary(const lifeline_header& end) const;
    [[nodiscard]] start_failed start_failure(const lifeline_report& failure) const;
    void add_crash_report();
    void take_loss();
    void print_if_unseen();
    void close_captured();
};

} // namespace ruche::detail
