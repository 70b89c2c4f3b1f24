#pragma once

#include <ruche/detail/future_core.hpp>
#include <ruche/detail/task.hpp>
#include <ruche/process.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace ruche {
class supervisor;
struct child_options;
} // namespace ruche

/// What `actor<T>` is made of once its calls have become bytes. Not for use by programs.
namespace ruche::detail {

/// The handle's side of an actor in this process.
class actor_core;

/// What makes the object, or calls one of its functions: an entry of the table of tasks, and its arguments.
struct actor_task {
    const task_registration* task = nullptr;
    sink arguments;
};

/// What a task that makes an object gives.
class creation_context : public task_context {
public:
    std::shared_ptr<void> made;
};

/// Each waits until the object is there. Throws: what its constructor threw, `start_failed`, `process_died`.
[[nodiscard]] std::shared_ptr<actor_core> make_actor(process_options options, const actor_task& creation);
[[nodiscard]] std::shared_ptr<actor_core> make_actor_beside(const std::shared_ptr<actor_core>& neighbour,
                                                            std::string name, const actor_task& creation);
[[nodiscard]] std::shared_ptr<actor_core> make_supervised_actor(supervisor& family, child_options options,
                                                                const actor_task& creation);

/// The actor behind this descriptor (as `door_of` gives it): the same object each time in one process.
[[nodiscard]] std::shared_ptr<actor_core> open_actor(fd door, std::string name);
[[nodiscard]] std::shared_ptr<const fd> door_of(const std::shared_ptr<actor_core>& actor);
[[nodiscard]] const std::string& name_of(const actor_core& actor) noexcept;

/// Sends a call; without an `answer`, one way. Throws: `process_died`; `deadline_exceeded` if there was no room to send
/// it in time.
using make_answer = std::shared_ptr<future_core> (*)(std::shared_ptr<debtor> from);
std::shared_ptr<future_core> send_call(actor_core& actor, const actor_task& call, make_answer answer,
                                       const deadline& until);

/// Asks the object to end once the calls of this process are done.
void stop_actor(actor_core& actor);

} // namespace ruche::detail
