#pragma once

#include <ruche/exit_status.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

/// What ruche throws, sorted by what a caller can do about it. An outcome that one expects (a wait that timed out, a
/// queue that was closed and drained) is a value, never one of these.
namespace ruche {

/// The system refused a call. `what()` says what was attempted, on what, and why; `code()` compares with `std::errc`.
class os_error : public std::system_error {
public:
    os_error(int error_number, const std::string& doing) :
        std::system_error(error_number, std::generic_category(), doing), doing_(std::make_shared<std::string>(doing))
    {}

    /// What was attempted, without why it was refused.
    [[nodiscard]] const std::string& doing() const noexcept { return *doing_; }

private:
    std::shared_ptr<const std::string> doing_; // shared, so that copying the exception can't throw
};

/// A process could not be started: `what()` names the step that failed and why. Nothing is left running.
class start_failed : public std::system_error {
public:
    start_failed(int error_number, const std::string& doing) :
        std::system_error(error_number, std::generic_category(), doing)
    {}
};

/// Bytes that are no message of the type that was asked for: damaged, truncated, hostile, or of another type.
class bad_message : public std::runtime_error {
public:
    bad_message(const std::string& reason, std::size_t offset, std::string path = {});

    /// Where in the message reading stopped, in bytes from its start.
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
    /// The member that was being read, as in `jobs[3].name`; empty for the whole.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// What was wrong, without the place.
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

private:
    std::string reason_;
    std::size_t offset_;
    std::string path_;
};

/// A push to a queue that somebody closed. The item was not added.
class queue_closed : public std::runtime_error {
public:
    queue_closed() : std::runtime_error("push to a queue that is closed") {}
};

/// An item larger than what the queue can ever hold. It was not added.
class too_large : public std::length_error {
public:
    using std::length_error::length_error;
};

/// An exception that was thrown in another process and whose type can't be rebuilt here.
class remote_error : public std::runtime_error {
public:
    remote_error(std::string type_name, const std::string& what, std::string stack = {},
                 std::exception_ptr nested = {}) :
        std::runtime_error(what),
        type_name_(std::move(type_name)), stack_(std::move(stack)), nested_(std::move(nested))
    {}

    /// The type as the program wrote it: `rate_limited`, `shop::out_of_stock`.
    [[nodiscard]] const std::string& type_name() const noexcept { return type_name_; }
    /// Where it was thrown, a line a frame; empty if that was not recorded.
    [[nodiscard]] const std::string& stack() const noexcept { return stack_; }
    /// The exception that was nested in it, or null.
    [[nodiscard]] std::exception_ptr nested() const noexcept { return nested_; }

private:
    std::string type_name_;
    std::string stack_;
    std::exception_ptr nested_;
};

/// The process that owed an answer ended without giving it.
class process_died : public std::runtime_error {
public:
    explicit process_died(const exit_status& status, const std::string& who = "process", std::string stack = {});

    [[nodiscard]] const exit_status& status() const noexcept { return status_; }
    /// Where it crashed, a line a frame; empty if it did not crash or could not tell.
    [[nodiscard]] std::string stack() const { return stack_.empty() ? status_.stack() : stack_; }
    /// The last of what it wrote to its standard error, if that was captured; the last line of it is in `what()` too.
    [[nodiscard]] std::string last_words() const { return status_.last_words(); }

private:
    exit_status status_;
    std::string stack_; // as text, where the status itself comes from elsewhere
};

/// Something was not done by its deadline, and there was nothing else to return.
class deadline_exceeded : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A task was cancelled before it gave its answer.
class task_cancelled : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace ruche
