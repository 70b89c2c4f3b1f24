#include "supervisor/core.hpp"
#include "actor/line.hpp"
#include "memory_registry.hpp"
#include "orderly_end.hpp"
#include "os/family.hpp"
#include "os/os_error.hpp"
#include "os/shared_mapping.hpp"
#include "os/socket.hpp"

#include <ruche/actor.hpp>

#include <array>
#include <mutex>
#include <utility>

namespace ruche::detail {

/// An actor as one process sees it: the door, and this process's line to the object.
class actor_core {
public:
    actor_core(std::shared_ptr<const fd> door, std::string name) : door_(std::move(door)), name_(std::move(name)) {}
    actor_core(const actor_core&) = delete;
    actor_core& operator=(const actor_core&) = delete;
    ~actor_core() { leave(); }

    /// This process has started the object's process.
    void own(std::shared_ptr<actor_line> line, process&& running, std::chrono::nanoseconds grace)
    {
        line_ = std::move(line);
        grace_ = grace;
        maker_ = os::current_process_id();
        process_ = std::make_shared<process>(std::move(running));
        line_->tell_end_by([running = process_] { return running->join(); });
    }
    void use(std::shared_ptr<actor_line> line) { line_ = std::move(line); }

    [[nodiscard]] const std::shared_ptr<const fd>& door() const noexcept { return door_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The line, a new one if the last was broken. Throws: `process_died`.
    [[nodiscard]] std::shared_ptr<actor_line> line();

private:
    void leave() noexcept;

    std::shared_ptr<const fd> door_;
    const std::string name_;
    std::chrono::nanoseconds grace_{}; ///< constant, like the next, once it is made
    int maker_ = 0;                    ///< the process that has started the object's process
    std::mutex mutex_;                 ///< guards what follows
    std::shared_ptr<actor_line> line_;
    std::shared_ptr<process> process_; ///< if this process started it
};

namespace {

memory_registry<actor_core>& registry()
{
    static auto* const all = new memory_registry<actor_core>; // never destroyed: handles may be static objects
    return *all;
}

struct door_ends {
    std::shared_ptr<const fd> ours;
    fd theirs;
};

door_ends make_door()
{
    auto [ours, theirs] = os::message_socket_pair();
    return {std::make_shared<const fd>(std::move(ours)), std::move(theirs)};
}

std::shared_ptr<actor_core> enter(door_ends& door, const std::string& name)
{
    return registry().get(os::identity(*door.ours), [&] { return std::make_shared<actor_core>(door.ours, name); });
}

// Sends the far end of a new line through the door. Nothing if nobody is behind it.
std::shared_ptr<actor_line> knock(const fd& door, const std::string& name)
{
    auto [ours, theirs] = os::message_socket_pair();
    const std::byte word{};
    const std::array<std::span<const std::byte>, 1> parts{std::span(&word, 1)};
    if (os::send_message(door.get(), parts, std::array{theirs.get()}) != os::transfer::done)
        return nullptr;
    return std::make_shared<actor_line>(std::move(ours), name);
}

// What is thrown where the object didn't come to be.
[[noreturn]] void throw_end(const exit_status& how, const std::string& name)
{
    if (const auto error = how.error())
        std::rethrow_exception(error);
    throw process_died(how, name);
}

} // namespace

std::shared_ptr<actor_line> actor_core::line()
{
    const std::scoped_lock lock(mutex_);
    const bool is_ours = line_ && line_->owner() == os::current_process_id(); // or of whom this is a forked copy of
    if (is_ours && !line_->is_broken())
        return line_;
    auto next = knock(*door_, name_);
    if (!next)
        throw process_died(is_ours ? line_->end() : exit_status::ended_untold(), name_);
    if (maker_ == os::current_process_id())
        process_.reset();
    return line_ = std::move(next);
}

// Whoever made it waits for its end, if this was the last handle: what was called is to be done, and the program may
// end next.
void actor_core::leave() noexcept
{
    door_.reset();
    if (!process_)
        return;
    if (maker_ != os::current_process_id()) { // a copy made by fork has the handle of a process that isn't its own
        (void)new std::shared_ptr<process>(std::move(process_)); // nothing would let go of it without ending that
        return;
    }
    try {
        (void)line_->send(call_kind::leave, {}, {}); // if it has gone before, the line tells
        const auto others = line_->wait_for_others(deadline(grace_));
        line_->tell_end_by(nullptr); // which holds the handle
        if (others.value_or(false)) {
            process_->detach();
        } else if (!others) { // it is still at what was called
            (void)process_->request_stop();
            process_->terminate();
            if (!process_->join_for(after_terminate))
                process_->kill();
        }
    } catch (const std::exception& error) {
        os::say("ruche: leave " + name_ + ": " + error.what() + "\n");
    }
    process_.reset(); // joins, unless it was detached
}

// --- making

std::shared_ptr<actor_core> make_actor(process_options options, const actor_task& creation)
{
    auto door = make_door();
    auto [ours, theirs] = os::message_socket_pair();
    const std::string name = options.name;
    const auto grace = options.grace;
    auto call = host_launch(door.theirs, &theirs, creation);
    call.belongs_to_program = true;
    process running(std::move(options), call);
    call = {};
    theirs.reset();
    door.theirs.reset(); // only the object's process has these now, so their end is its end
    auto line = std::make_shared<actor_line>(std::move(ours), name);
    if (!line->wait_for_hello(deadline::never()))
        throw_end(running.join(), name);
    auto actor = enter(door, name);
    actor->own(std::move(line), std::move(running), grace);
    return actor;
}

std::shared_ptr<actor_core> make_actor_beside(const std::shared_ptr<actor_core>& neighbour, std::string name,
                                              const actor_task& creation)
{
    auto door = make_door();
    auto [ours, theirs] = os::message_socket_pair();
    std::vector<std::shared_ptr<const fd>> beside{std::make_shared<const fd>(std::move(door.theirs)),
                                                  std::make_shared<const fd>(std::move(theirs))};
    beside.insert(beside.end(), creation.arguments.descriptors().begin(), creation.arguments.descriptors().end());
    const auto through = neighbour->line();
    if (!through->send(call_kind::create, beside, creation))
        throw process_died(through->end(), neighbour->name());
    beside.clear();
    auto line = std::make_shared<actor_line>(std::move(ours), name);
    const auto failed = line->wait_for_error_or_hello();
    if (failed)
        std::rethrow_exception(failed);
    auto actor = enter(door, name);
    actor->use(std::move(line));
    return actor;
}

std::shared_ptr<actor_core> make_supervised_actor(supervisor& family, child_options options, const actor_task& creation)
{
    auto door = make_door();
    const std::string name = options.name;
    options.restart = restart_policy::transient;
    family.add(std::move(options), host_launch(door.theirs, nullptr, creation));
    door.theirs.reset(); // the supervisor keeps one for the successors
    auto line = knock(*door.ours, name);
    if (!line || !line->wait_for_hello(deadline::never()))
        throw process_died(line ? line->end() : exit_status::ended_untold(), name);
    auto actor = enter(door, name);
    actor->use(std::move(line));
    return actor;
}

// --- handles

std::shared_ptr<actor_core> open_actor(fd door, std::string name)
{
    door_ends known{std::make_shared<const fd>(std::move(door)), {}};
    return enter(known, name);
}

std::shared_ptr<const fd> door_of(const std::shared_ptr<actor_core>& actor) { return actor->door(); }
const std::string& name_of(const actor_core& actor) noexcept { return actor.name(); }

// --- calls

std::shared_ptr<future_core> send_call(actor_core& actor, const actor_task& call, make_answer answer,
                                       const deadline& until)
{
    for (;;) {
        const auto line = actor.line(); // throws once there is nobody any more
        const auto promised = answer ? answer(line) : nullptr;
        if (line->send(answer ? call_kind::call : call_kind::tell, call, promised, until))
            return promised;
        line->note_broken();
    }
}

void stop_actor(actor_core& actor)
{
    const auto line = actor.line();
    (void)line->send(call_kind::stop, {}, {}); // if it has gone before, that is what was wanted
}

} // namespace ruche::detail
