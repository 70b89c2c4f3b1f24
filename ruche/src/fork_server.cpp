#include "fork_server.hpp"

#include "child.hpp"
#include "death_bell.hpp"
#include "lifeline.hpp"
#include "os/crash.hpp"
#include "os/family.hpp"
#include "os/memory_shortage.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/shared_page.hpp"
#include "os/signals.hpp"
#include "os/socket.hpp"
#include "os/spawn.hpp"
#include "os/startup.hpp"
#include "start_request.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ruche {

namespace {

using namespace std::chrono_literals;

// How long after a death the server looks for what the dead has left behind: one look covers many deaths.
constexpr auto sweep_delay = 10ms;

class fork_server {
public:
    fork_server(const fd& socket, os::received_message& hello, command_line arguments) :
        socket_(socket.get()), arguments_(arguments), program_(std::move(hello.descriptors[0])),
        bell_page_(std::move(hello.descriptors[1])), bell_(os::map_page_as<os::futex_word>(bell_page_)),
        requests_(std::move(hello.descriptors[2])), news_(take_news(hello))
    {
        server_hello words;
        std::memcpy(&words, hello.bytes.data(), sizeof words);
        program_id_ = words.program;
        os::pass_credentials(socket);
        os::adopt_orphans();
        os::note_crashes(); // for the children, which inherit it
        set_death_bell(bell_.get());
    }

    [[noreturn]] void run()
    {
        for (;;) {
            const auto ready = wait_for_news();
            if (ready[2])
                end_everybody();
            if (ready[1])
                reap();
            if (ready[0])
                take_request();
            if (sweep_at_.passed())
                sweep();
        }
    }

private:
    // Before the descriptors are listed that global constructors opened.
    static int take_news(os::received_message& hello)
    {
        os::inherit_news(std::move(hello.descriptors[3]));
        return os::news_descriptor();
    }

    struct child_record {
        fd lifeline;
        int starter = 0;
        std::string name;
        fd errors; ///< the child's standard error, where its end is told if nobody waits for it
    };

    /// A process that is not our child, but ends with who started it.
    struct guarded_process {
        fd process;
        fd line; ///< its end is the sign of ours, by which the process ends
        int starter = 0;
    };

    /// Whether there is a request, a dead child, the program's end; the ends of those guarded are dealt with here.
    std::array<bool, 3> wait_for_news()
    {
        std::vector<int> watched{socket_, signals_.child_ended_notices().get(), program_.get()};
        for (const auto& one : guarded_)
            watched.push_back(one.process.get());
        const auto ready = std::make_unique<bool[]>(watched.size());
        os::poll_readable(watched, {ready.get(), watched.size()}, sweep_at_);
        std::size_t next = 3;
        std::erase_if(guarded_, [&](const guarded_process&) { return ready[next++]; });
        return {ready[0], ready[1], ready[2]};
    }

    /// Whether the message was a request to guard a process.
    bool take_guard(os::received_message& message)
    {
        guard_request request;
        if (message.bytes.size() != sizeof request || message.descriptors.size() != 2)
            return false;
        std::memcpy(&request, message.bytes.data(), sizeof request);
        if (request.mark != guard_request::right_mark)
            return false;
        guarded_.push_back({std::move(message.descriptors[0]), std::move(message.descriptors[1]), request.starter});
        if (request.starter != program_id_ && !children_.contains(request.starter))
            end_guarded(request.starter); // its starter has died since
        else
            report(guarded_.back().line.get(), {lifeline_kind::ready}, {}, {}, false);
        return true;
    }

    void end_guarded(int starter)
    {
        for (const auto& one : guarded_)
            if (one.starter == starter)
                os::send_signal(one.process, SIGKILL);
    }

    void take_request()
    {
        os::received_message message;
        if (os::receive_message(socket_, message) != os::transfer::done)
            return;
        if (take_guard(message))
            return;
        const int starter = message.sender;
        incoming_request request(message);
        // A starter that has died since gets no more children.
        if (!request.valid() || (starter != program_id_ && !children_.contains(starter)))
            return;
        start(request, request.words().belongs_to_program ? program_id_ : starter);
    }

    void start(incoming_request& request, int starter)
    {
        const int self = os::current_process_id();
        int id = 0;
        const bool execute = request.words().executed || has_threads(request);
        try {
            id = os::fork_process();
        } catch (const os_error& error) {
            static constexpr std::string_view step = "fork a process";
            report(request.lifeline(), {lifeline_kind::failed, error.code().value()}, std::as_bytes(std::span(step)),
                   {}, false);
            return;
        }
        if (id == 0 && execute)
            execute_child(request, starter);
        if (id == 0)
            run_child(request, {self, starter, requests_.get(), kept_, arguments_, limits_}, signals_);
        announce(id, request, starter);
    }

    // A global object may have started a thread here; a fork would have its locks, and not it.
    [[nodiscard]] bool has_threads(const incoming_request& request)
    {
        if (!threads_seen_ && os::count_threads() > 1) {
            threads_seen_ = true;
            os::say_if_room(request.errors(),
                            "ruche: a global object of this program has started a thread in the fork server, which "
                            "therefore executes the program afresh for each process (slower by milliseconds)\n");
        }
        return threads_seen_;
    }

    /// In the child: becomes a fresh image of the program, and hands the request on to it.
    [[noreturn]] void execute_child(incoming_request& request, int starter)
    {
        try {
            if (!os::die_with_parent(os::parent_process_id()))
                os::exit_at_once(1);
            auto [ours, theirs] = os::message_socket_pair();
            process_hello hello;
            const auto build = os::executable_build_id();
            std::memcpy(hello.build, build.bytes.data(), sizeof hello.build);
            hello.server = os::parent_process_id();
            hello.starter = starter;
            const std::array first{os::as_part(hello)};
            (void)os::send_message(ours.get(), first, std::array{bell_page_.get(), requests_.get(), news_}, false);
            const std::array second{std::span<const std::byte>(request.raw().bytes)};
            (void)os::send_message(ours.get(), second, request.raw().descriptors, false);
            signals_.restore();
            os::execute_self(request.name(), request.words().environment,
                             process_variable + ("=" + std::to_string(theirs.get())), theirs.get());
        } catch (const os_error& error) {
            const std::string_view step = error.doing();
            report(request.lifeline(), {lifeline_kind::failed, error.code().value()}, std::as_bytes(std::span(step)));
            os::exit_at_once(1);
        }
    }

    void announce(int id, incoming_request& request, int starter)
    {
        fd process;
        try {
            process = os::open_process(id); // still our unreaped child, so the number can't be another's
        } catch (const os_error&) {
            os::kill_child(id); // out of descriptors: what nobody could wait for must not run
        }
        if (process)
            report(request.lifeline(), {lifeline_kind::started, id}, {}, std::array{process.get()}, false);
        else
            report(request.lifeline(), {lifeline_kind::failed, EMFILE}, {}, {}, false);
        started_by_[starter].insert(id);
        children_.emplace(id, child_record{request.take_lifeline(), starter, request.name(), request.take_errors()});
    }

    void reap()
    {
        signals_.clear_notices();
        killed_for_memory_now_ = os::shortage::none;
        while (const auto ended = os::reap()) {
            sweep_soon();
            if (const auto child = children_.find(ended->id); child != children_.end()) {
                tell_the_end(child->second, *ended);
                forget(child);
            }
        }
        bell_->fetch_add(1, std::memory_order_release);
        os::futex_wake_all(*bell_);
        os::tell_news();
    }

    // The kernel says of no process that it was killed for its memory, only how many were (of all: of the group).
    [[nodiscard]] os::shortage why_killed()
    {
        const auto now = os::memory_killings::counted_now();
        killed_for_memory_now_ = std::max(killed_for_memory_now_, now.since(killings_));
        killings_ = now;
        return killed_for_memory_now_;
    }

    void tell_the_end(const child_record& child, const os::ended_child& ended)
    {
        lifeline_header header{lifeline_kind::ended, ended.wait_status};
        header.peak_memory = ended.used.peak_memory;
        header.user_microseconds = ended.used.user_time.count();
        header.system_microseconds = ended.used.system_time.count();
        if (os::read_wait_status(ended.wait_status, {}).signal() == SIGKILL)
            header.short_of_memory = static_cast<std::uint32_t>(why_killed());
        const auto told = report(child.lifeline.get(), header, {}, {}, false);
        const auto status = os::read_wait_status(ended.wait_status, ended.used);
        if (told == os::transfer::peer_gone && status.signal())
            os::say_if_room(child.errors.get(), "ruche: process '" + child.name + "' (" + std::to_string(ended.id) +
                                                    "): " + status.describe() + ", and nobody waits for it\n");
    }

    void forget(std::unordered_map<int, child_record>::iterator child)
    {
        const int id = child->first;
        if (const auto siblings = started_by_.find(child->second.starter); siblings != started_by_.end()) {
            siblings->second.erase(id);
            if (siblings->second.empty())
                started_by_.erase(siblings);
        }
        children_.erase(child);
        end_guarded(id);
        if (const auto its_own = started_by_.find(id); its_own != started_by_.end())
            for (const int grandchild : its_own->second)
                os::kill_child(grandchild);
    }

    void sweep_soon()
    {
        if (sweep_at_.is_never())
            sweep_at_ = deadline(sweep_delay);
    }

    // What a dead process had forked by itself came to us as an orphan, and nobody else will end it.
    void sweep()
    {
        sweep_at_ = deadline();
        for (const int id : os::children())
            if (!children_.contains(id)) {
                os::kill_child(id);
                sweep_soon(); // it may leave orphans of its own
            }
    }

    [[noreturn]] void end_everybody()
    {
        for (const auto& one : guarded_)
            os::send_signal(one.process, SIGKILL);
        for (auto ids = os::children(); !ids.empty(); ids = os::children()) {
            for (const int id : ids)
                os::kill_child(id);
            (void)os::poll_readable(std::array{signals_.child_ended_notices().get()}, deadline(sweep_delay));
            signals_.clear_notices();
            while (os::reap()) {
            }
        }
        os::exit_at_once(0);
    }

    int socket_;
    command_line arguments_;
    fd program_;
    fd bell_page_;
    std::shared_ptr<os::futex_word> bell_;
    fd requests_;
    int news_; ///< for those who sleep in poll(2); never closed
    int program_id_ = 0;
    os::held_signals signals_;
    std::vector<int> kept_ = os::open_descriptors(
        std::array{socket_, program_.get(), bell_page_.get(), requests_.get(), news_,
                   signals_.child_ended_notices().get()}); ///< what global constructors opened: the children's to use
    os::resource_limits limits_ = os::limits_of_this_process();
    std::unordered_map<int, child_record> children_;
    std::unordered_map<int, std::unordered_set<int>> started_by_;
    std::vector<guarded_process> guarded_;
    bool threads_seen_ = false;
    deadline sweep_at_; ///< never, while nobody has died
    os::memory_killings killings_ = os::memory_killings::counted_now();
    os::shortage killed_for_memory_now_ = os::shortage::none; ///< of those reaped in one go
};

} // namespace

void run_executed(const fd& socket, command_line arguments)
{
    os::received_message message;
    if (os::receive_message(socket.get(), message) != os::transfer::done || message.descriptors.size() != 3)
        os::exit_at_once(1); // the server was killed meanwhile
    process_hello hello;
    std::memcpy(&hello, message.bytes.data(), sizeof hello);
    // Never unmapped, as the bell of a forked child isn't.
    static const auto bell = os::map_page_as<os::futex_word>(message.descriptors[0]);
    fd requests = std::move(message.descriptors[1]);
    os::inherit_news(std::move(message.descriptors[2]));
    message.descriptors.clear();
    set_death_bell(bell.get());
    os::note_crashes();
    const os::held_signals signals;
    family_facts family{hello.server, hello.starter, -1, {}, arguments, os::limits_of_this_process()};
    family.kept = os::open_descriptors(
        std::array{socket.get(), requests.get(), os::news_descriptor(), signals.child_ended_notices().get()});
    family.requests = requests.release();
    os::received_message request_message;
    if (os::receive_message(socket.get(), request_message) != os::transfer::done)
        os::exit_at_once(1);
    incoming_request request(request_message);
    if (!request.valid())
        os::exit_at_once(1); // it has said so
    run_child(request, family, signals);
}

void serve(const fd& socket, command_line arguments)
{
    os::received_message hello;
    if (os::receive_message(socket.get(), hello) != os::transfer::done || hello.descriptors.size() != 4)
        os::exit_at_once(1); // the program died before it could say hello
    // Never destroyed: a process that ends its main thread with pthread_exit unwinds its copy of this stack, and may
    // have other threads that run on.
    static fork_server* const server = new fork_server(socket, hello, arguments);
    server->run();
}

} // namespace ruche
