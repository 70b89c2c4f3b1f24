#include "link/words.hpp"

#include "channel/core.hpp"
#include "os/event.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/process_identity.hpp"

#include <ruche/detail/listener_core.hpp>
#include <ruche/listener.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <mutex>

namespace ruche::detail {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_guests = 64; // who knock and have not proved themselves; the one who took longest goes
constexpr std::size_t most_ready = 64;  // channels that nobody has taken yet; who comes then waits in the socket

} // namespace

/// Nothing here waits for one guest: each has its place in `guests_` until it has proved itself or its time is over,
/// and whoever calls takes the steps that are due for all.
class listener_core {
public:
    listener_core(const meeting_place& where, const channel_settings& settings, std::chrono::nanoseconds handshake) :
        name_(link::checked(where.name)), folder_(where.directory), key_(link::key_for(where, folder_)),
        settings_(settings), handshake_(handshake), named_(os::listen_in(folder_, name_))
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
        if (!link::say(fresh.socket, fresh.greeted)) {
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
        const auto answer = link::words_of<link::answer>(message);
        if (answer && message.descriptors.empty())
            decide(from, link::judge(from.greeted, *answer, key_));
        else
            refuse();
        return true;
    }

    void decide(const guest& from, const link::last_word& said)
    {
        if (said.what != link::verdict::welcome) {
            (void)link::say(from.socket, said); // if it has gone meanwhile, it needs no reason
            refuse();
            return;
        }
        auto [ours, theirs] = make_channel_cores(settings_);
        theirs->sent_away();
        const std::array numbers{theirs->out().file().get(), theirs->in().file().get(), theirs->socket().get()};
        if (!link::say(from.socket, said, numbers)) {
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

} // namespace ruche::detail
