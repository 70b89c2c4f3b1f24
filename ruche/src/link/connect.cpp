#include "link/words.hpp"

#include "channel/core.hpp"
#include "os/news.hpp"
#include "os/os_error.hpp"
#include "os/poll.hpp"

#include <ruche/listener.hpp>

#include <array>
#include <cerrno>

namespace ruche::detail {

namespace {

/// A connection to somebody who listens, once there is one; empty if a stop came first.
fd knock(const os::private_folder& folder, const std::string& name, const wait_bounds& bounds)
{
    const fd names = os::watch_names(folder); // before the first try, so that no new name is missed
    os::news_watch& news = os::news_watch::of_this_thread();
    for (;;) {
        news.clear();
        os::clear_watch(names);
        if (bounds.stopped())
            return {};
        fd connection = os::try_connect(folder, name, bounds.until);
        const int why = errno;
        if (connection || bounds.stopped())
            return connection;
        if (bounds.until.passed())
            os::throw_error(why == EAGAIN ? ETIMEDOUT : why, "connect to " + (folder.path() / name).string());
        (void)os::poll_readable(std::array{names.get(), news.native_handle()}, bounds.until);
    }
}

/// What the listener says next; nothing if a stop came first.
std::optional<os::received_message> hear(const fd& connection, const std::string& name, const wait_bounds& bounds)
{
    os::news_watch& news = os::news_watch::of_this_thread();
    for (;;) {
        news.clear();
        if (bounds.stopped())
            return std::nullopt;
        const auto [speaks, told] = os::poll_readable(std::array{connection.get(), news.native_handle()}, bounds.until);
        if (speaks) {
            os::received_message message;
            if (os::receive_message(connection.get(), message) != os::transfer::done)
                os::throw_error(ECONNRESET, "connect to '" + name + "': the listener has ended, or hung up");
            return message;
        }
        if (!told && bounds.until.passed())
            os::throw_error(ETIMEDOUT, "connect to '" + name + "': the listener does not answer");
    }
}

link::greeting greeting_in(const os::received_message& message, const std::string& name)
{
    const auto greeting = link::words_of<link::greeting>(message);
    if (!greeting || greeting->magic != link::greeting::right_magic ||
        greeting->version != link::greeting::right_version)
        throw bad_message("'" + name + "' is no listener of this version of ruche", 0);
    return *greeting;
}

} // namespace

std::shared_ptr<channel_core> connect_to(const meeting_place& where, const channel_settings& settings,
                                         const wait_bounds& bounds)
{
    const std::string& name = link::checked(where.name);
    const os::private_folder folder(where.directory);
    const link::key key = link::key_for(where, folder);
    const fd connection = knock(folder, name, bounds);
    if (!connection)
        return nullptr;
    if (!os::peer_is_same_user(connection))
        throw authentication_failed("connect to '" + name + "': the listener belongs to another user");
    const auto first = hear(connection, name, bounds);
    if (!first)
        return nullptr;
    const link::greeting theirs = greeting_in(*first, name);
    const link::greeting mine = link::greet(settings);
    if (!link::say(connection, link::answer_to(theirs, mine, key)))
        os::throw_error(ECONNRESET, "connect to '" + name + "': the listener has ended, or hung up");
    auto last = hear(connection, name, bounds);
    if (!last)
        return nullptr;
    const auto said = link::words_of<link::last_word>(*last);
    if (!said)
        throw bad_message("'" + name + "' is no listener of this version of ruche", 0);
    link::check_last_word(*said, theirs, mine, key, name);
    if (last->descriptors.size() != 3)
        throw bad_message("a channel comes with three descriptors, not " + std::to_string(last->descriptors.size()), 0);
    auto& parts = last->descriptors;
    return open_channel({std::move(parts[0]), std::move(parts[1]), std::move(parts[2])}, settings.there_fingerprint,
                        settings.back_fingerprint, true);
}

} // namespace ruche::detail
