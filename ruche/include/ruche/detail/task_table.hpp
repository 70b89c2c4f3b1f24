#pragma once

namespace ruche::detail {

class task_context;

/// What the child runs: an instantiation that decodes its arguments, calls, and reports the result.
using task_function = void (*)(task_context&);

/// One for each instantiation, made before `main`: the list of them is all that a start request may call.
/// It holds in any build since whoever starts a process names its registration (so the linker keeps it).
class task_registration {
public:
    explicit task_registration(task_function run) noexcept;
    task_registration(const task_registration&) = delete;
    task_registration& operator=(const task_registration&) = delete;

    [[nodiscard]] task_function run() const noexcept { return run_; }
    [[nodiscard]] const task_registration* next() const noexcept { return next_; }

private:
    task_function run_;
    const task_registration* next_;
};

/// Whether `run` is in the list.
[[nodiscard]] bool is_registered(task_function run) noexcept;

} // namespace ruche::detail
