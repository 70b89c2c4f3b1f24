#include "server_link.hpp"

#include "death_bell.hpp"
#include "fork_server.hpp"
#include "guard.hpp"
#include "os/family.hpp"
#include "os/module.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/shared_page.hpp"
#include "os/spawn.hpp"
#include "os/startup.hpp"
#include "start_request.hpp"

#include <ruche/error.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

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

void say_hello(const fd& ours, const fd* family)
{
    server_hello hello;
    hello.program = os::current_process_id();
    const auto build = os::executable_build_id();
    std::memcpy(hello.build, build.bytes.data(), sizeof hello.build);
    const fd program = os::open_process(hello.program);
    const std::array parts{os::as_part(hello)};
    std::vector<int> beside{program.get(), bell_page().get(), ours.get(), os::news_descriptor()};
    if (family)
        beside.push_back(family->get());
    (void)os::send_message(ours.get(), parts, beside);
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
        std::unique_lock lock(mutex_); // a server that is asked to leave gets nothing more from us
        const auto link = current();
        if (os::send_message(link->requests.get(), parts, descriptors) == os::transfer::done)
            return link;
        lock.unlock();
        lose(link);
    }
    throw start_failed(ECONNREFUSED, "reach the fork server (it ended at once, three times)");
}

fd server_link::duplicate_requests()
{
    for (int attempt = 0; attempt < 3; ++attempt) {
        std::unique_lock lock(mutex_);
        const auto link = current();
        lock.unlock();
        if (!os::has_hung_up(link->requests.get()))
            return link->requests.duplicate();
        lose(link);
    }
    throw start_failed(ECONNREFUSED, "reach the fork server (it ended at once, three times)");
}

void server_link::note_standing(os::standing of_server)
{
    const std::scoped_lock lock(mutex_);
    standing_ = std::move(of_server);
}

void server_link::adopt(fd requests)
{
    const std::scoped_lock lock(mutex_);
    family_ = std::make_shared<connection>(std::move(requests), os::current_process_id());
    connection_ = family_;
    of_family_ = standing_;
}

os::standing server_link::own_standing(int us)
{
    if (std::exchange(finder_owner_, us) != us || !finder_)
        finder_.emplace();
    return finder_->find();
}

std::shared_ptr<const server_link::connection> server_link::current()
{
    const int us = os::current_process_id();
    try {
        auto now = own_standing(us);
        if (connection_ && connection_->owner == us && standing_ == now)
            return connection_;
        retire_current(us);
        join_family(us);
        connection_ = family_ && of_family_ == now ? family_ : connect(now);
        standing_ = std::move(now);
    } catch (const os_error& error) {
        throw start_failed(error.code().value(), std::string("start the fork server: ") + error.doing());
    }
    return connection_;
}

/// Our server is no longer what we are: it goes once its processes have ended. The family's is not ours to send away.
void server_link::retire_current(int us)
{
    const auto old = std::exchange(connection_, nullptr);
    if (!old || old->owner != us || old == family_)
        return;
    const std::uint32_t mark = retire_mark;
    const std::array parts{os::as_part(mark)};
    (void)os::send_message(old->requests.get(), parts, {}); // if it is dead, it has gone already
}

/// A copy that somebody made by hand, with `fork`, of a process of the family has to say so, since a fork server of its
/// own would be taken for what a dead process has left.
void server_link::join_family(int us)
{
    if (!family_ || family_->owner == us)
        return;
    const auto of_original = std::exchange(family_, nullptr);
    try {
        auto joined = std::make_shared<connection>(of_original->requests.duplicate(), us);
        be_guarded(joined->requests, of_original->owner, os::open_process(us));
        family_ = std::move(joined);
    } catch (const os_error& error) {
        if (error.code() != std::errc::connection_reset) // or else the server is dead, and we are on our own
            throw;
    }
}

std::shared_ptr<const server_link::connection> server_link::connect(const os::standing& own)
{
    if (!can_divert())
        throw start_failed(ENOTSUP,
                           "start a process: this program must call ruche::init() first in main (it is linked so "
                           "that main can't be diverted)");
    if (os::executes_securely(own)) // then nothing is diverted, and the server would be a second run of main
        throw start_failed(EPERM,
                           "start a process: this program has other rights than its user (its real and effective "
                           "ids differ, or its file has ids or capabilities set), so it is not to run another "
                           "copy of itself");
    auto [ours, theirs] = os::message_socket_pair();
    os::pass_credentials(theirs); // before the first message, which would else come from nobody
    say_hello(ours, family_ ? &family_->requests : nullptr);
    const std::string title = os::program_name() + ": fork server";
    os::spawn_self_detached({title, std::string(64, ' ')}, server_variable + ("=" + std::to_string(theirs.get())),
                            theirs.get());
    return std::make_shared<connection>(std::move(ours), os::current_process_id());
}

void server_link::lose(const std::shared_ptr<const connection>& lost)
{
    const std::scoped_lock lock(mutex_);
    if (connection_ == lost)
        connection_ = nullptr;
    if (family_ == lost)
        family_ = nullptr;
    if (!lost->death_is_told.exchange(true, std::memory_order_relaxed)) // another thread may have seen it too
        os::say("ruche: the fork server of this program was killed, and its processes with it; starting another\n");
}

} // namespace ruche
