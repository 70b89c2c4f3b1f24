#include "actor/protocol.hpp"
#include "describe.hpp"
#include "heart.hpp"
#include "os/event.hpp"
#include "os/family.hpp"
#include "os/futex.hpp"
#include "os/module.hpp"
#include "os/os_error.hpp"
#include "os/readiness.hpp"
#include "os/signals.hpp"
#include "thrown.hpp"

#include <ruche/exception.hpp>
#include <ruche/stop.hpp>
#include <ruche/this_process.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

namespace ruche::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t stop_key = 0;

/// Makes the stop word, on which one sleeps, readable, for who waits for descriptors: by a thread that sleeps on it.
class stop_notice {
public:
    explicit stop_notice(const stop_token& stop) : stop_(stop), event_(os::make_event())
    {
        const os::blocked_signals none; // the thread inherits them
        thread_ = std::thread([this] { wait(); });
    }
    stop_notice(const stop_notice&) = delete;
    stop_notice& operator=(const stop_notice&) = delete;
    ~stop_notice()
    {
        over_.store(1, std::memory_order_release);
        os::futex_wake_all(over_);
        thread_.join();
    }
    [[nodiscard]] int number() const noexcept { return event_.get(); }

private:
    void wait() noexcept
    {
        const std::array watches{os::futex_watch{stop_.native_handle(), 0}, os::futex_watch{&over_, 0}};
        while (!stop_.stop_requested() && over_.load(std::memory_order_acquire) == 0)
            os::futex_wait_any(watches, deadline::never());
        os::set_event(event_);
    }

    const stop_token& stop_;
    fd event_;
    os::futex_word over_{0};
    std::thread thread_;
};

/// The objects of this process, and those who call them. Carries out one call after the other; one of each caller, then
/// the next caller's, so that nobody who calls much keeps the others waiting.
class host {
public:
    explicit host(const stop_token& stop) :
        stop_(stop), notice_(stop), self_(os::open_process(os::current_process_id()))
    {
        set_.add(notice_.number(), stop_key);
    }

    /// Throws: what the constructor throws.
    void make(fd door, fd first_line, task_function creation, std::vector<std::byte>&& bytes,
              std::vector<fd> descriptors)
    {
        source arguments(bytes, std::move(descriptors));
        creation_context context{{arguments, nullptr, stop_, {}, false}, {}};
        creation(context);
        const std::uint64_t key = ++last_key_;
        set_.add(door.get(), key);
        objects_.emplace(key, object{std::move(door), std::move(context.made)});
        if (first_line)
            accept(key, std::move(first_line));
    }

    /// Until no object is left, or a stop is requested.
    void run()
    {
        std::array<std::uint64_t, 16> keys{};
        while (!objects_.empty() && !stop_.stop_requested())
            for (const std::uint64_t key : set_.wait(keys, deadline(beat_and_wait(std::chrono::nanoseconds::max())))) {
                if (objects_.contains(key))
                    look_at_door(key);
                else if (lines_.contains(key))
                    (void)take_call(key);
            }
    }

private:
    struct object {
        fd door;
        std::shared_ptr<void> it;
    };
    struct line {
        fd socket;
        std::uint64_t object;
    };

    void accept(std::uint64_t of, fd socket)
    {
        (void)send_on_line(socket, reply_header{0, reply_kind::hello, 0}, {},
                           std::array{std::shared_ptr<const fd>(std::shared_ptr<void>(), &self_)}, inline_answer,
                           deadline::never());
        const std::uint64_t key = ++last_key_;
        set_.add(socket.get(), key);
        lines_.emplace(key, line{std::move(socket), of});
    }

    void look_at_door(std::uint64_t key)
    {
        os::received_message message;
        switch (os::receive_message(objects_.at(key).door.get(), message, deadline(0ns))) {
        case os::transfer::done:
            if (!message.descriptors.empty())
                accept(key, std::move(message.descriptors.front()));
            break;
        case os::transfer::peer_gone: // the last handle has gone
            finish(key);
            break;
        case os::transfer::would_block:
            break;
        }
    }

    // What was called before is carried out first.
    void finish(std::uint64_t key)
    {
        std::vector<std::uint64_t> its;
        for (const auto& [number, each] : lines_)
            if (each.object == key)
                its.push_back(number);
        for (const std::uint64_t number : its)
            while (objects_.contains(key) && lines_.contains(number) && take_call(number)) {
            }
        end(key);
    }

    void end(std::uint64_t key)
    {
        const auto found = objects_.find(key);
        if (found == objects_.end())
            return;
        set_.remove(found->second.door.get());
        std::erase_if(lines_, [&](const auto& each) {
            const bool is_its = each.second.object == key;
            if (is_its)
                close_orderly(each.second);
            return is_its;
        });
        const object going = std::move(found->second); // destroyed last: it may be a caller of others
        objects_.erase(found);
    }

    // So that the other end doesn't wait for the end of the process, which may go on.
    void close_orderly(const line& one)
    {
        set_.remove(one.socket.get());
        const reply_header goodbye{objects_.size() - 1, reply_kind::ended, 0};
        const std::array parts{os::as_part(goodbye)};
        (void)os::send_message(one.socket.get(), parts, {}, false);
    }

    // Returns whether there was one.
    bool take_call(std::uint64_t key)
    {
        line& from = lines_.at(key);
        line_message<call_header> call;
        switch (receive_on_line(from.socket, call, deadline(0ns))) {
        case arrival::nothing:
            return false;
        case arrival::hung_up:
            set_.remove(from.socket.get());
            lines_.erase(key);
            return false;
        case arrival::message:
            break;
        }
        carry_out(from, std::move(call));
        return true;
    }

    void carry_out(line& from, line_message<call_header>&& call)
    {
        switch (call.header.kind) {
        case call_kind::call:
        case call_kind::tell:
            this_process::heartbeat();
            return run_call(from, std::move(call));
        case call_kind::create:
            return create(std::move(call));
        case call_kind::stop:
            return end(from.object);
        case call_kind::leave:
            if (!os::has_hung_up(objects_.at(from.object).door.get()))
                (void)send_on_line(from.socket, reply_header{call.header.number, reply_kind::others, 0}, {}, {},
                                   inline_answer, deadline::never());
            return;
        }
    }

    void run_call(line& from, line_message<call_header>&& call)
    {
        reply_header reply{call.header.number, reply_kind::value, 0};
        sink told;
        try {
            source arguments(call.bytes, std::move(call.descriptors));
            task_context context{arguments, nullptr, stop_, {}, false};
            context.object = objects_.at(from.object).it.get();
            resolve(call.header.task)(context);
            told = std::move(context.result);
        } catch (...) {
            if (call.header.kind == call_kind::tell) {
                os::say("ruche: " + this_process::name() + ": a call that nobody waits for threw " +
                        describe_exception(std::current_exception()) + "\n");
                return;
            }
            reply.kind = reply_kind::threw;
            told = sink();
            encode_thrown(told, std::current_exception());
        }
        if (call.header.kind == call_kind::call)
            (void)send_on_line(from.socket, reply, told.bytes(), told.descriptors(), inline_answer, deadline::never());
    }

    void create(line_message<call_header>&& call)
    {
        if (call.descriptors.size() < 2)
            return;
        fd door = std::move(call.descriptors[0]);
        fd socket = std::move(call.descriptors[1]);
        call.descriptors.erase(call.descriptors.begin(), call.descriptors.begin() + 2);
        fd to_complain = socket.duplicate();
        try {
            make(std::move(door), std::move(socket), resolve(call.header.task), std::move(call.bytes),
                 std::move(call.descriptors));
        } catch (...) {
            sink told;
            encode_thrown(told, std::current_exception());
            (void)send_on_line(to_complain, reply_header{0, reply_kind::threw, 0}, told.bytes(), told.descriptors(),
                               inline_answer, deadline::never());
        }
    }

    // What was found once is found again without a search through modules and tables.
    task_function resolve(const os::code_location& where)
    {
        const auto key = std::pair(where.module.bytes, where.offset);
        if (const auto known = tasks_.find(key); known != tasks_.end())
            return known->second;
        return tasks_[key] = find_task(where);
    }

public:
    static task_function find_task(const os::code_location& where)
    {
        const auto run = reinterpret_cast<task_function>(reinterpret_cast<std::uintptr_t>(os::find(where)));
        if (!is_registered(run))
            throw std::logic_error("a call of an actor names code that is not in this build's table of tasks");
        return run;
    }

private:
    const stop_token& stop_;
    os::readiness_set set_;
    stop_notice notice_;
    fd self_;
    std::uint64_t last_key_ = stop_key;
    std::unordered_map<std::uint64_t, object> objects_;
    std::map<std::uint64_t, line> lines_;
    std::map<std::pair<std::array<std::byte, 20>, std::uint64_t>, task_function> tasks_;
};

void load_if_needed(const os::code_location& where, const std::string& module)
{
    if (os::find(where) || module.empty())
        return;
    if (const auto complaint = os::load(module))
        throw start_failed(ENOENT, "load the code of an actor: " + *complaint);
}

// The function of an object's process.
void host_objects(stop_token stop, fd door, std::optional<fd> line, std::string module, os::code_location task,
                  std::vector<std::byte> arguments, std::vector<fd> descriptors)
{
    load_if_needed(task, module);
    host all(stop);
    all.make(std::move(door), line ? std::move(*line) : fd(), host::find_task(task), std::move(arguments),
             std::move(descriptors));
    all.run();
}

const void* code_of(const task_registration& task)
{
    return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(task.run()));
}

} // namespace

os::code_location locate_task(const task_registration& task)
{
    if (const auto where = os::locate(code_of(task)))
        return *where;
    throw start_failed(ENOEXEC, "name a function of an actor: its module has no build id (link with -Wl,--build-id)");
}

launch host_launch(const fd& door, const fd* line, const actor_task& creation)
{
    std::vector<fd> descriptors;
    for (const auto& each : creation.arguments.descriptors())
        descriptors.push_back(each->duplicate());
    std::optional<fd> its_line;
    if (line)
        its_line = line->duplicate();
    const auto bytes = creation.arguments.bytes();
    return make_launch<false>(&host_objects, door.duplicate(), its_line, os::module_path(code_of(*creation.task)),
                              locate_task(*creation.task), std::vector<std::byte>(bytes.begin(), bytes.end()),
                              descriptors);
}

} // namespace ruche::detail
