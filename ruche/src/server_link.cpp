#include "server_link.hpp"

#include "death_bell.hpp"
#include "fork_server.hpp"
#include "os/family.hpp"
#include "os/module.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/shared_page.hpp"
#include "os/spawn.hpp"
#include "os/startup.hpp"

#include <ruche/error.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace ruche {

namespace {

std::atomic<bool> divertible{false};

/// One bell for the life of the program, whichever server rings it.
const fd& bell_page()
{
    static const fd page = [] {
        fd made = os::make_memory_file("ruche death bell", os::page_bytes);
        static const auto mapped = os::map_page_as<os::futex_word>(made);
        set_death_bell(mapped.get());
        return made;
    }();
    return page;
}

void say_hello(const fd& ours)
{
    server_hello hello;
    hello.program = os::current_process_id();
    const auto build = os::executable_build_id();
    std::memcpy(hello.build, build.bytes.data(), sizeof hello.build);
    const fd program = os::open_process(hello.program);
    const std::array parts{os::as_part(hello)};
    (void)os::send_message(ours.get(), parts,
                           std::array{program.get(), bell_page().get(), ours.get(), os::news_descriptor()});
}

} // namespace

bool can_divert() noexcept { return divertible.load(); }
void set_can_divert() noexcept { divertible.store(true); }

server_link& server_link::instance()
{
    static server_link link;
    return link;
}

std::shared_ptr<const server_link::connection> server_link::send(std::span<const std::span<const std::byte>> parts,
                                                                 std::span<const int> descriptors)
{
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto link = current();
        if (os::send_message(link->requests.get(), parts, descriptors) == os::transfer::done)
            return link;
        lose(link);
    }
    throw start_failed(ECONNREFUSED, "reach the fork server (it ended at once, three times)");
}

fd server_link::duplicate_requests()
{
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto link = current();
        if (!os::has_hung_up(link->requests.get()))
            return link->requests.duplicate();
        lose(link);
    }
    throw start_failed(ECONNREFUSED, "reach the fork server (it ended at once, three times)");
}

void server_link::adopt(fd requests)
{
    const std::scoped_lock lock(mutex_);
    connection_ = std::make_shared<connection>(connection{std::move(requests), os::current_process_id()});
    inherited_ = true;
}

std::shared_ptr<const server_link::connection> server_link::current()
{
    const std::scoped_lock lock(mutex_);
    if (!connection_ || connection_->owner != os::current_process_id()) {
        connection_ = connect();
        inherited_ = false;
    }
    return connection_;
}

std::shared_ptr<const server_link::connection> server_link::connect()
{
    if (!can_divert())
        throw start_failed(ENOTSUP,
                           "start a process: this program must call ruche::init() first in main (it is linked so "
                           "that main can't be diverted)");
    try {
        auto [ours, theirs] = os::message_socket_pair();
        os::pass_credentials(theirs); // before the first message, which would else come from nobody
        say_hello(ours);
        const std::string title = os::program_name() + ": fork server";
        os::spawn_self_detached({title, std::string(64, ' ')}, server_variable + ("=" + std::to_string(theirs.get())),
                                theirs.get());
        return std::make_shared<connection>(connection{std::move(ours), os::current_process_id()});
    } catch (const os_error& error) {
        throw start_failed(error.code().value(), std::string("start the fork server: ") + error.doing());
    }
}

void server_link::lose(const std::shared_ptr<const connection>& lost)
{
    const std::scoped_lock lock(mutex_);
    if (connection_ != lost)
        return; // another thread has seen it too, and there is a new one
    connection_ = nullptr;
    os::say("ruche: the fork server of this program was killed, and its processes with it; starting another\n");
}

} // namespace ruche
