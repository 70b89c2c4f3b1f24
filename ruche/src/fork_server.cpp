#include "fork_server.hpp"

#include "child.hpp"
#include "death_bell.hpp"
#include "guard.hpp"
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
#include "os/standing.hpp"
#include "os/startup.hpp"
#include "server_link.hpp"
#include "spares.hpp"
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
    fork_server(const fd& socket, os::received_message& hello, std::span<char> title) :
        socket_(socket.get()), title_(title), program_(std::move(hello.descriptors[0])),
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
        server_link::instance().note_standing(os::standing_finder().find());
        if (hello.descriptors.size() > 4)
            be_guarded(hello.descriptors[4], program_id_, os::open_process(os::current_process_id()));
    }

    [[noreturn]] void run()
    {
        for (;;) {
            const auto ready =
                wait_for_news(spares_.is_one_wanted() ? deadline(0ns) : std::min(sweep_at_, spares_.next_to_go()));
            if (ready == nothing_new && spares_.is_one_wanted())
                make_spare();
            if (ready[2])
                end_everybody();
            if (ready[1])
                reap();
            if (ready[0])
                take_request();
            if (sweep_at_.passed())
                sweep();
            spares_.let_go();
            if (retired_ && children_.empty() && guarded_.empty())
                end_everybody(); // spares, and what the dead have left behind
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
        fd errors;     ///< the child's standard error, where its end is told if nobody waits for it
        fd spare_line; ///< if it was a spare
        bool ends_with_its_starter = false; ///< it was killed because that has gone
    };

    /// A process that is not our child, but ends with who started it, and may start others.
    struct guarded_process {
        int id = 0;
        fd process;
        fd line; ///< its end is the sign of ours, by which the process ends
        int starter = 0;
    };

    static constexpr std::array<bool, 3> nothing_new{};

    /// Whether there is a request, a dead child, the program's end; the ends of those guarded are dealt with here.
    std::array<bool, 3> wait_for_news(const deadline& until)
    {
        std::vector<int> watched{socket_, signals_.child_ended_notices().get(), program_.get()};
        for (const auto& one : guarded_)
            watched.push_back(one.process.get());
        const auto ready = std::make_unique<bool[]>(watched.size());
        os::poll_readable(watched, {ready.get(), watched.size()}, until);
        std::vector<int> ended;
        std::size_t next = 3;
        std::erase_if(guarded_, [&](const guarded_process& one) {
            if (ready[next])
                ended.push_back(one.id);
            return ready[next++];
        });
        for (const int id : ended)
            end_those_started_by(id);
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
        const bool starter_lives = may_start(request.starter);
        guarded_.push_back(
            {message.sender, std::move(message.descriptors[0]), std::move(message.descriptors[1]), request.starter});
        if (starter_lives)
            report(guarded_.back().line.get(), {lifeline_kind::ready}, {}, {}, false);
        else
            os::send_signal(guarded_.back().process, SIGKILL);
        return true;
    }

    bool take_retirement(const os::received_message& message)
    {
        std::uint32_t mark = 0;
        if (message.sender != program_id_ || message.bytes.size() != sizeof mark)
            return false;
        std::memcpy(&mark, message.bytes.data(), sizeof mark);
        retired_ = retired_ || mark == retire_mark;
        return mark == retire_mark;
    }

    /// Whether this process is the program or of its family, and has not died.
    [[nodiscard]] bool may_start(int id) const { return id == program_id_ || children_.contains(id) || is_guarded(id); }

    [[nodiscard]] bool is_guarded(int id) const
    {
        return std::any_of(guarded_.begin(), guarded_.end(), [&](const auto& one) { return one.id == id; });
    }

    void end_those_started_by(int starter)
    {
        for (const auto& one : guarded_)
            if (one.starter == starter)
                os::send_signal(one.process, SIGKILL);
        if (const auto started = started_by_.find(starter); started != started_by_.end())
            for (const int id : started->second) {
                if (const auto child = children_.find(id); child != children_.end())
                    child->second.ends_with_its_starter = true;
                os::kill_child(id);
            }
    }

    void take_request()
    {
        os::received_message message;
        if (os::receive_message(socket_, message) != os::transfer::done)
            return;
        if (take_guard(message) || take_retirement(message))
            return;
        const int starter = message.sender;
        incoming_request request(message);
        // A starter that has died since gets no more children.
        if (!request.valid() || !may_start(starter))
            return;
        start(request, request.words().belongs_to_program ? program_id_ : starter);
    }

    void start(incoming_request& request, int starter)
    {
        spares_.note_start(request.words());
        if (auto spare = spares_.hand_over(request, starter)) {
            announce(spare->id, spare->process, request, starter, std::move(spare->line));
            return;
        }
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
            run_child(request, facts_for(starter), signals_, {});
        announce(id, process_of(id), request, starter);
    }

    /// What a child of this server gets from it.
    [[nodiscard]] family_facts facts_for(int starter) const
    {
        return {self_, starter, requests_.get(), kept_, title_, limits_, &world_};
    }

    void make_spare()
    {
        try {
            if (!threads_seen_ && os::count_threads() == 1)
                spares_.make(facts_for(0), signals_);
            else
                spares_.want_none(); // what can't be forked now would be wanted again and again, without a pause
        } catch (const os_error&) {
            // For want of processes or descriptors. The next start does without a spare, and is told what it lacks.
        }
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

    /// In the child: becomes a fresh image of the program, and hands the request on to it. (The server's number is
    /// the one it noted: asked for here, it may already be that of whoever has adopted this process.)
    [[noreturn]] void execute_child(incoming_request& request, int starter)
    {
        try {
            if (!os::die_with_parent(self_))
                os::exit_at_once(1);
            auto [ours, theirs] = os::message_socket_pair();
            process_hello hello;
            const auto build = os::executable_build_id();
            std::memcpy(hello.build, build.bytes.data(), sizeof hello.build);
            hello.server = self_;
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

    static fd process_of(int id)
    {
        try {
            return os::open_process(id); // still our unreaped child, so the number can't be another's
        } catch (const os_error&) {
            os::kill_child(id); // out of descriptors: what nobody could wait for must not run
            return {};
        }
    }

    void announce(int id, const fd& process, incoming_request& request, int starter, fd spare_line = {})
    {
        if (process)
            report(request.lifeline(), {lifeline_kind::started, id}, {}, std::array{process.get()}, false);
        else
            report(request.lifeline(), {lifeline_kind::failed, EMFILE}, {}, {}, false);
        started_by_[starter].insert(id);
        children_.emplace(id, child_record{request.take_lifeline(), starter, request.name(), request.take_errors(),
                                           std::move(spare_line)});
    }

    void reap()
    {
        signals_.clear_notices();
        killed_for_memory_now_ = os::shortage::none;
        while (const auto ended = os::reap()) {
            sweep_soon();
            if (const auto child = children_.find(ended->id); child != children_.end()) {
                child->second.spare_line.reset(); // before the starter is awake, and sends what would make it dear
                tell_the_end(child->second, *ended);
                forget(child);
            }
            spares_.forget(ended->id);
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
        const bool is_our_doing = child.ends_with_its_starter && status.signal() == SIGKILL;
        if (told == os::transfer::peer_gone && status.signal() && !is_our_doing)
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
        end_those_started_by(id);
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
            if (!children_.contains(id) && !is_guarded(id) && !spares_.contains(id)) {
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
    std::span<char> title_;
    fd program_;
    fd bell_page_;
    std::shared_ptr<os::futex_word> bell_;
    fd requests_;
    int news_; ///< for those who sleep in poll(2); never closed
    int program_id_ = 0;
    int self_ = os::current_process_id();
    os::held_signals signals_;
    std::vector<int> kept_ = os::open_descriptors(
        std::array{socket_, program_.get(), bell_page_.get(), requests_.get(), news_,
                   signals_.child_ended_notices().get()}); ///< what global constructors opened: the children's to use
    os::resource_limits limits_ = os::limits_of_this_process();
    os::empty_world world_; ///< of the processes in sandboxes
    spare_children spares_{limits_};
    std::unordered_map<int, child_record> children_;
    std::unordered_map<int, std::unordered_set<int>> started_by_;
    std::vector<guarded_process> guarded_;
    bool threads_seen_ = false;
    bool retired_ = false; ///< the program has another server now
    deadline sweep_at_;    ///< never, while nobody has died
    os::memory_killings killings_ = os::memory_killings::counted_now();
    os::shortage killed_for_memory_now_ = os::shortage::none; ///< of those reaped in one go
};

} // namespace

void run_executed(const fd& socket, std::span<char> title)
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
    server_link::instance().note_standing(os::standing_finder().find());
    const os::held_signals signals;
    family_facts family{hello.server, hello.starter, -1, {}, title, os::limits_of_this_process()};
    family.kept = os::open_descriptors(
        std::array{socket.get(), requests.get(), os::news_descriptor(), signals.child_ended_notices().get()});
    family.requests = requests.release();
    os::received_message request_message;
    if (os::receive_message(socket.get(), request_message) != os::transfer::done)
        os::exit_at_once(1);
    incoming_request request(request_message);
    if (!request.valid())
        os::exit_at_once(1); // it has said so
    run_child(request, family, signals, {});
}

void serve(const fd& socket, std::span<char> title)
{
    os::received_message hello;
    if (os::receive_message(socket.get(), hello) != os::transfer::done || hello.descriptors.size() < 4)
        os::exit_at_once(1); // the program died before it could say hello
    // Never destroyed: a process that ends its main thread with pthread_exit unwinds its copy of this stack, and may
    // have other threads that run on.
    static fork_server* const server = new fork_server(socket, hello, title);
    server->run();
}

} // namespace ruche
