#include "link/handshake.hpp"

#include "channel/core.hpp"
#include "os/event.hpp"
#include "os/local_address.hpp"
#include "os/news.hpp"
#include "os/os_error.hpp"
#include "os/poll.hpp"
#include "os/process_identity.hpp"
#include "os/socket.hpp"

#include <ruche/detail/listener_core.hpp>
#include <ruche/listener.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <list>
#include <mutex>
#include <stdexcept>

namespace ruche::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_guests = 64; // who knock and have not proved themselves; the one who took longest goes
constexpr std::size_t most_ready = 64;  // channels that nobody has taken yet; who comes then waits in the socket

const std::string& checked(const std::string& name)
{
    const auto fits = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    if (name.empty() || name.size() > 64 || name.front() == '.' || !std::all_of(name.begin(), name.end(), fits))
        throw std::invalid_argument("'" + name +
                                    "' is no name for a listener: letters, digits, '.', '_' and '-', at most 64, not "
                                    "beginning with '.'");
    return name;
}

link::key key_for(const meeting_place& where, const os::private_folder& folder)
{
    if (!where.key.empty())
        return link::key_from(std::as_bytes(std::span(where.key)));
    return link::key_from(os::key_in(folder));
}

template <class Words>
std::optional<Words> words_of(const os::received_message& message)
{
    Words words;
    if (message.bytes.size() != sizeof words)
        return std::nullopt;
    std::memcpy(&words, message.bytes.data(), sizeof words);
    return words;
}

template <class Words>
bool say(const fd& socket, const Words& words, std::span<const int> descriptors = {})
{
    return os::send_message(socket.get(), std::array{os::as_part(words)}, descriptors, false) == os::transfer::done;
}

} // namespace

/// Nothing here waits for one guest: each has its place in `guests_` until it has proved itself or its time is over,
/// and whoever calls takes the steps that are due for all.
class listener_core {
public:
    listener_core(const meeting_place& where, const channel_settings& settings, std::chrono::nanoseconds handshake) :
        name_(checked(where.name)), folder_(where.directory), key_(key_for(where, folder_)), settings_(settings),
        handshake_(handshake), named_(os::listen_in(folder_, name_))
    {
        os::add_to_collection(collection_, named_.socket);
        os::add_to_collection(collection_, bell_);
    }
    listener_core(const listener_core&) = delete;
    listener_core& operator=(const listener_core&) = delete;
    ~listener_core() { close(); }

    std::shared_ptr<channel_core> accept(const wait_bounds& bounds)
    {
        os::news_watch& news = os::news_watch::of_this_thread();
        for (;;) {
            news.clear();
            if (bounds.stopped())
                return nullptr;
            deadline next;
            {
                const std::scoped_lock lock(mutex_);
                take_steps();
                if (!made_.empty())
                    return take_made();
                if (closed_)
                    return nullptr;
                next = next_step();
            }
            if (bounds.until.passed())
                return nullptr;
            (void)os::poll_readable(std::array{collection_.get(), news.native_handle()}, readable_now(),
                                    std::min({next, bounds.until, deadline(1s)}));
        }
    }

    [[nodiscard]] bool ready()
    {
        const std::scoped_lock lock(mutex_);
        take_steps();
        return closed_ || !made_.empty();
    }

    void close() noexcept
    {
        const std::scoped_lock lock(mutex_);
        if (closed_)
            return;
        closed_ = true;
        named_.socket.reset();
        guests_.clear();
        if (owner_ != os::process_identity::current())
            return; // a copy in a forked child owns neither the name nor the event
        os::remove_name(folder_, name_, named_.identity);
        os::set_event(bell_);
    }

    [[nodiscard]] int pollable() const noexcept { return collection_.get(); }
    [[nodiscard]] std::size_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / name_; }

private:
    struct guest {
        fd socket;
        link::greeting greeted;
        deadline until;
    };

    static std::span<bool> readable_now()
    {
        thread_local std::array<bool, 2> readable{};
        return readable;
    }

    // The event says that a channel waits for whoever takes it, or that all is over, to those who only poll.
    std::shared_ptr<channel_core> take_made()
    {
        auto end = std::move(made_.front());
        made_.pop_front();
        if (made_.empty() && !closed_)
            os::clear_event(bell_);
        return end;
    }

    [[nodiscard]] deadline next_step() const
    {
        return guests_.empty() ? deadline::never() : guests_.front().until; // the oldest is the first
    }

    void take_steps()
    {
        while (!closed_ && made_.size() < most_ready && let_one_in())
            ;
        for (auto at = guests_.begin(); at != guests_.end();)
            at = hear(*at) ? guests_.erase(at) : std::next(at);
    }

    bool let_one_in()
    {
        fd socket = os::accept_connection(named_.socket);
        if (!socket)
            return false;
        if (!os::peer_is_same_user(socket)) {
            refuse();
            return true;
        }
        guest fresh{std::move(socket), link::greet(settings_), deadline(handshake_)};
        if (!say(fresh.socket, fresh.greeted)) {
            refuse();
            return true;
        }
        if (guests_.size() == most_guests) {
            guests_.pop_front();
            refuse();
        }
        os::add_to_collection(collection_, fresh.socket); // which closing it undoes
        guests_.push_back(std::move(fresh));
        return true;
    }

    /// Takes what a guest has answered. Returns whether that was all there is to say.
    bool hear(guest& from)
    {
        os::received_message message;
        switch (os::receive_message(from.socket.get(), message, deadline(0ns))) {
        case os::transfer::would_block:
            if (!from.until.passed())
                return false;
            refuse();
            return true;
        case os::transfer::peer_gone:
            refuse();
            return true;
        case os::transfer::done:
            break;
        }
        const auto answer = words_of<link::answer>(message);
        if (answer && message.descriptors.empty())
            decide(from, link::judge(from.greeted, *answer, key_));
        else
            refuse();
        return true;
    }

    void decide(const guest& from, const link::last_word& said)
    {
        if (said.what != link::verdict::welcome) {
            (void)say(from.socket, said); // if it has gone meanwhile, it needs no reason
            refuse();
            return;
        }
        auto [ours, theirs] = make_channel_cores(settings_);
        theirs->sent_away();
        const std::array numbers{theirs->out().file().get(), theirs->in().file().get(), theirs->socket().get()};
        if (!say(from.socket, said, numbers)) {
            refuse();
            return;
        }
        ours->set_with_a_stranger();
        made_.push_back(std::move(ours));
        os::set_event(bell_);
    }

    void refuse() noexcept { refused_.fetch_add(1, std::memory_order_relaxed); }

    const std::string name_;
    const os::private_folder folder_;
    const link::key key_;
    const channel_settings settings_;
    const std::chrono::nanoseconds handshake_;
    const os::process_identity owner_ = os::process_identity::current();
    const fd bell_ = os::make_event();            ///< set while `made_` has something, or all is over
    const fd collection_ = os::make_collection(); ///< of the socket, the guests' and `bell_`
    std::atomic<std::size_t> refused_{0};         ///< a count alone

    std::mutex mutex_; ///< of what follows
    os::named_socket named_;
    std::list<guest> guests_; ///< the oldest in front
    std::deque<std::shared_ptr<channel_core>> made_;
    bool closed_ = false;
};

std::shared_ptr<listener_core> listen_at(const meeting_place& where, const channel_settings& settings,
                                         std::chrono::nanoseconds handshake)
{
    return std::make_shared<listener_core>(where, settings, handshake);
}

std::shared_ptr<channel_core> accept(listener_core& at, const wait_bounds& bounds) { return at.accept(bounds); }
void close(listener_core& at) noexcept { at.close(); }
int pollable(listener_core& at) noexcept { return at.pollable(); }
bool ready(listener_core& at) { return at.ready(); }
std::size_t refused(const listener_core& at) noexcept { return at.refused(); }
std::filesystem::path path_of(const listener_core& at) { return at.path(); }

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
    const auto greeting = words_of<link::greeting>(message);
    if (!greeting || greeting->magic != link::greeting::right_magic ||
        greeting->version != link::greeting::right_version)
        throw bad_message("'" + name + "' is no listener of this version of ruche", 0);
    return *greeting;
}

} // namespace

std::shared_ptr<channel_core> connect_to(const meeting_place& where, const channel_settings& settings,
                                         const wait_bounds& bounds)
{
    const std::string& name = checked(where.name);
    const os::private_folder folder(where.directory);
    const link::key key = key_for(where, folder);
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
    if (!say(connection, link::answer_to(theirs, mine, key)))
        os::throw_error(ECONNRESET, "connect to '" + name + "': the listener has ended, or hung up");
    auto last = hear(connection, name, bounds);
    if (!last)
        return nullptr;
    const auto said = words_of<link::last_word>(*last);
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
