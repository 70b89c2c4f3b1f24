#include <ruche/process.hpp>

#include "code_reference.hpp"
#include "forked.hpp"
#include "lifeline.hpp"
#include "os/family.hpp"
#include "os/os_error.hpp"
#include "os/shared_page.hpp"
#include "os/signals.hpp"
#include "os/surroundings.hpp"
#include "process_core.hpp"
#include "process_cores.hpp"
#include "service.hpp"
#include "start_request.hpp"

#include <ruche/wire.hpp>

#include <array>
#include <atomic>
#include <csignal>
#include <span>

namespace ruche {

namespace {

std::string default_name()
{
    static std::atomic<unsigned> started{0};
    return "process " + std::to_string(++started);
}

std::shared_ptr<const server_link::connection> send(outgoing_request& request, const sink& arguments)
{
    std::span<const std::byte> values = arguments.bytes();
    if (values.size() > lifeline_inline_bytes || !arguments.borrowed().empty()) {
        request.words.arguments_apart = true;
        request.add(write_packed("ruche arguments", {values, arguments.borrowed()}));
        values = {};
    }
    for (const auto& descriptor : arguments.descriptors())
        request.descriptors.push_back(descriptor->get());
    const auto encoded = to_bytes(request.words);
    std::span<const std::byte> words = encoded;
    auto length = static_cast<std::uint32_t>(words.size());
    if (words.size() > lifeline_inline_bytes - sizeof length) { // an environment may have megabytes
        request.descriptors.insert(request.descriptors.begin(),
                                   request.owned.emplace_back(os::make_memory_file("ruche request", words)).get());
        words = {};
        length = 0;
    }
    const std::array<std::span<const std::byte>, 3> parts{os::as_part(length), words, values};
    return server_link::instance().send(parts, request.descriptors);
}

sandboxed add_sandbox(outgoing_request& request, const sandbox::profile& profile)
{
    voice_ends theirs;
    sandboxed box = make_sandbox(profile, theirs);
    request.words.sandbox = profile;
    request.add(std::move(theirs.line));
    request.add(std::move(theirs.answer));
    return box;
}

} // namespace

process::process() noexcept = default;
process::process(process&& other) noexcept = default;

process::process(process_options options, const detail::launch& call) : core_(std::make_unique<detail::process_core>())
{
    core_->name = options.name.empty() ? default_name() : std::move(options.name);
    core_->grace = options.grace;
    core_->takes_stop_token = call.takes_stop_token;
    outgoing_request request;
    request.words.name = core_->name;
    request.words.code = refer_to(call.task->run(), call.function);
    auto [ours, theirs] = os::message_socket_pair();
    fd control = os::make_memory_file("ruche control", os::page_bytes);
    core_->control = os::map_page_as<control_page>(control);
    core_->lifeline = std::move(ours);

    core_->control->heart.begin(options.heartbeat);
    request.add(std::move(theirs));
    request.add(std::move(control));
    try {
        if (options.sandbox)
            core_->box = add_sandbox(request, *options.sandbox);
        add_surroundings(request, options, core_->captured);
        if (call.signal_mask)
            request.words.signal_mask = *call.signal_mask;
    } catch (const os_error& error) {
        throw start_failure(core_->name, error);
    }
    request.words.belongs_to_program = call.belongs_to_program;
    if (call.signal_mask)
        request.words.signal_mask = *call.signal_mask;
    core_->server = send(request, call.arguments);
    request.owned.clear(); // our copy of the server's end must be closed, or its death would not be seen
    core_->take_start();
    core_->orderly.emplace(core_->control->stop, core_->process, core_->grace);
    if (request.words.says_ready)
        core_->take_ready();
}

process::process(process_options options, detail::forked_call&& call) : core_(std::make_unique<detail::process_core>())
{
    core_->name = options.name.empty() ? default_name() : std::move(options.name);
    core_->grace = options.grace;
    core_->takes_stop_token = call.takes_stop_token;
    core_->forked = true;
    try {
        auto [ours, theirs] = os::message_socket_pair();
        core_->lifeline = std::move(ours);
        core_->control = os::map_page_as<control_page>(os::make_memory_file("ruche control", os::page_bytes));
        core_->control->heart.begin(options.heartbeat);
        outgoing_request surroundings;
        add_surroundings(surroundings, options, core_->captured);
        forked_facts facts{core_->name, os::current_process_id(), core_->control, theirs.get(),
                           server_link::instance().duplicate_requests()};
        const int copy =
            fork_copy(facts, surroundings, call, std::move(theirs), detail::process_cores::instance().hold());
        core_->take_forked_start(copy); // a statement of its own: fork_copy's parameters live to the end of theirs
    } catch (const os_error& error) {
        throw start_failure(core_->name, error);
    }
}

process& process::operator=(process&& other) noexcept
{
    if (this != &other) {
        finish();
        core_ = std::move(other.core_);
    }
    return *this;
}

process::~process() { finish(); }

void process::finish() noexcept
{
    if (!core_)
        return;
    try {
        core_->close_captured(); // or it might wait for us to read
        if (!core_->wait(deadline(std::chrono::nanoseconds(0))))
            request_stop();
        if (core_->takes_stop_token && !core_->wait(deadline(core_->grace))) {
            terminate();
            if (!core_->wait(deadline(after_terminate)))
                kill();
        }
        (void)core_->wait(deadline::never());
        core_->print_if_unseen();
    } catch (const std::exception& error) {
        os::say("ruche: process '" + core_->name + "': " + error.what() + "\n");
    }
    core_.reset();
}

detail::process_core& process::core() const
{
    if (!core_)
        throw std::logic_error(
            "a ruche::process that stands for no process was used (default-constructed, moved from, or "
            "detached)");
    return *core_;
}

std::optional<exit_status> process::join_by(const deadline& until)
{
    auto ended = core().wait(until);
    core_->looked_at = core_->looked_at || ended.has_value();
    return ended;
}

exit_status process::join() { return join_by(deadline::never()).value(); }

std::optional<exit_status> process::join_for(std::chrono::nanoseconds patience) { return join_by(deadline(patience)); }

bool process::is_alive() { return core_ && !core_->wait(deadline(std::chrono::nanoseconds(0))); }

bool process::request_stop() noexcept { return core_ && get_stop_source().request_stop(); }

stop_source process::get_stop_source() const noexcept
{
    return core_ ? stop_source({core_->control, &core_->control->stop}) : stop_source(nullptr);
}

void process::interrupt() { os::interrupt(core().process); }

void process::terminate() { os::send_signal(core().process, SIGTERM); }

void process::kill()
{
    core().killed.store(true, std::memory_order_relaxed);
    os::send_signal(core().process, SIGKILL);
}

void process::abort() { os::send_signal(core().process, SIGABRT); }

deadline::clock::time_point process::last_heartbeat() const { return core().control->heart.last(); }

void process::detach() noexcept
{
    if (!core_)
        return;
    try {
        // What it has said before this line is ours to print; what it says after it prints itself.
        os::stop_receiving(core_->lifeline.get());
        bool ended = false;
        while (auto arrived = next_report(core_->lifeline.get(), ended, deadline(std::chrono::nanoseconds(0))))
            core_->take(std::move(*arrived));
        core_->print_if_unseen();
        if (core_->forked)
            detail::process_cores::instance().reap_later(std::move(core_->process));
    } catch (const std::exception& error) {
        os::say("ruche: process '" + core_->name + "': " + error.what() + "\n");
    }
    core_.reset();
}

int process::id() const { return core().id; }

const std::string& process::name() const { return core().name; }

int process::native_handle() const { return core().process.get(); }

sandbox::report process::sandbox() const { return core().box ? core().box->walls : sandbox::report(); }

fd& process::input() const { return core().captured[0]; }
fd& process::output() const { return core().captured[1]; }
fd& process::errors() const { return core().captured[2]; }

std::optional<detail::answer> process::take_answer()
{
    auto& mine = core();
    (void)mine.wait(deadline::never());
    return std::exchange(mine.result, std::nullopt);
}

void detail::end_in_background(process&& running)
{
    struct ending {
        process one;
        std::array<service::ticket, 3> tickets{};
    };
    auto shared = std::make_shared<ending>(ending{std::move(running), {}});
    auto& core = shared->one.core();
    core.looked_at = true; // whoever gives it up knows that it ends
    shared->one.request_stop();
    auto& thread = service::instance();
    // On the service thread, so that it can't have ended before the tickets are there.
    thread.post([shared, &core, &thread] {
        const deadline told(core.takes_stop_token ? core.grace : std::chrono::nanoseconds(0));
        shared->tickets[0] = thread.at(told, [shared] { shared->one.terminate(); });
        shared->tickets[1] =
            thread.at(deadline(deadline(told.left()).left() + after_terminate), [shared] { shared->one.kill(); });
        shared->tickets[2] = thread.watch(shared->one.native_handle(), [shared, &thread] {
            for (const auto ticket : shared->tickets)
                thread.forget(ticket);
            (void)shared->one.join().error();
        });
    });
}

std::shared_ptr<control_page> detail::control_of(const process& running) { return running.core().control; }

std::vector<active_child> active_children() { return detail::process_cores::instance().active(); }

} // namespace ruche
