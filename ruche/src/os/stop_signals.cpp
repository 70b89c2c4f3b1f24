#include "os/stop_signals.hpp"

#include "os/futex.hpp"
#include "os/news.hpp"
#include "os/os_error.hpp"
#include "os/signals.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vector>

namespace ruche::os {

namespace {

using word_pointer = std::atomic<std::atomic<std::uint32_t>*>;
static_assert(word_pointer::is_always_lock_free);

/// The words, in blocks that are never freed, so that a signal handler may walk them at any moment. Adding and removing
/// takes a lock, walking none.
class word_registry {
public:
    std::size_t add(std::atomic<std::uint32_t>& word)
    {
        const std::scoped_lock lock(mutex_);
        if (free_.empty())
            add_block();
        const std::size_t place = free_.back();
        free_.pop_back();
        slot(place).store(&word);
        return place;
    }

    /// Afterwards nobody touches the word. Whoever walked while it was there is waited for: either the walker sees the
    /// empty slot, or we see the walker (all four operations are sequentially consistent).
    void remove(std::size_t place) noexcept
    {
        slot(place).store(nullptr);
        while (walkers_.load() != 0)
            ::sched_yield();
        const std::scoped_lock lock(mutex_);
        free_.push_back(place); // has room: add_block reserved it
    }

    /// Async-signal-safe.
    void set_all() noexcept
    {
        walkers_.fetch_add(1);
        for (auto& known : blocks_)
            if (auto* slots = known.load())
                for (auto& slot : *slots)
                    if (auto* word = slot.load()) {
                        word->store(1);
                        futex_wake_all(*word);
                    }
        walkers_.fetch_sub(1);
    }

    /// In a forked copy: the words are its parent's to set, and the threads that walked are not there.
    void forget_all() noexcept
    {
        walkers_.store(0);
        for (auto& known : blocks_)
            if (auto* slots = known.load())
                for (auto& slot : *slots)
                    slot.store(nullptr);
    }

private:
    static constexpr std::size_t block_size = 64;
    using block = std::array<word_pointer, block_size>;

    word_pointer& slot(std::size_t place) noexcept { return (*blocks_[place / block_size].load())[place % block_size]; }

    void add_block()
    {
        if (block_count_ == blocks_.size())
            throw_error(EAGAIN, "keep more than " + std::to_string(blocks_.size() * block_size) + " processes");
        free_.reserve((block_count_ + 1) * block_size);
        auto fresh = std::make_unique<block>();
        for (std::size_t i = block_size; i-- > 0;)
            free_.push_back(block_count_ * block_size + i);
        blocks_[block_count_++].store(fresh.release());
    }

    std::array<std::atomic<block*>, 4096> blocks_{};
    std::atomic<int> walkers_{0};
    std::mutex mutex_;
    std::size_t block_count_ = 0;   ///< guarded by mutex_
    std::vector<std::size_t> free_; ///< guarded by mutex_
};

void renew_in_copy() noexcept;

/// What the handler works on: it gets nothing but a number, so it must find everything from here.
struct stop_state {
    stop_state()
    {
        if (::pthread_atfork(nullptr, nullptr, renew_in_copy) != 0)
            std::abort(); // a copy's signals would stop its parent's processes: better not to start
    }

    word_registry words;
    std::atomic<std::atomic<std::uint32_t>*> own{nullptr}; ///< of the program itself
    std::atomic<int> signal{0};
    std::atomic<std::int64_t> moment{0}; ///< on the steady clock; not 0 once a signal has come
    std::atomic<int> notice{-1};
};

std::atomic<stop_state*> made{nullptr}; // once there is one: a process that needs none doesn't make it to leave it

stop_state& state() noexcept
{
    static auto* one = [] {
        auto* fresh = new stop_state; // never destroyed: a signal may come while static objects go
        made.store(fresh);
        return fresh;
    }();
    return *one;
}

void on_stop_signal(int signal)
{
    const int saved = errno;
    auto& stop = state();
    std::int64_t none = 0;
    if (!stop.moment.compare_exchange_strong(none, std::chrono::steady_clock::now().time_since_epoch().count())) {
        reset_and_raise(signal); // the second is immediate
        return;
    }
    stop.signal.store(signal);
    stop.own.load()->store(1);
    futex_wake_all(*stop.own.load());
    stop.words.set_all();
    tell_news();
    const std::uint64_t one = 1;
    (void)!::write(stop.notice.load(), &one, sizeof one); // can't fail: the counter is at 0
    errno = saved;
}

// A copy made by fork(2) shares its parent's counter, whose signals are not its own.
void renew_in_copy() noexcept
{
    auto& stop = state();
    stop.words.forget_all();
    const int shared = stop.notice.load();
    const int fresh = shared < 0 ? -1 : ::eventfd(stop.signal.load() != 0 ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fresh < 0)
        return;
    ::dup3(fresh, shared, O_CLOEXEC);
    ::close(fresh);
}

void handle(int number)
{
    struct sigaction before {};
    check(::sigaction(number, nullptr, &before), "ask what is done about signal ", number);
    if (!(before.sa_flags & SA_SIGINFO) && before.sa_handler == SIG_IGN)
        return;
    struct sigaction action {};
    action.sa_handler = on_stop_signal;
    check(::sigaction(number, &action, nullptr), "handle signal ", number);
}

} // namespace

void handle_stop_signals(std::atomic<std::uint32_t>& own)
{
    state().own.store(&own);
    state().notice.store(os::own(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "make a notice of signals").release());
    handle(SIGINT);
    handle(SIGTERM);
}

void leave_stop_signals()
{
    if (!made.load())
        return;
    auto& stop = *made.load();
    const fd shared(stop.notice.exchange(-1));
    if (!shared)
        return;
    struct sigaction now {};
    check(::sigaction(SIGTERM, nullptr, &now), "ask what is done about SIGTERM");
    if (now.sa_handler == on_stop_signal)
        ::signal(SIGTERM, SIG_DFL);
    stop.own.load()->store(0);
    stop.signal.store(0);
    stop.moment.store(0);
}

const std::atomic<std::uint32_t>* stop_signal_word() noexcept { return state().own.load(); }

int first_stop_signal() noexcept { return state().signal.load(); }

std::chrono::steady_clock::time_point stop_signal_moment() noexcept
{
    return std::chrono::steady_clock::time_point(std::chrono::steady_clock::duration(state().moment.load()));
}

int stop_signal_notice() noexcept { return state().notice.load(); }

word_set_on_stop::word_set_on_stop(std::atomic<std::uint32_t>& word) : place_(state().words.add(word))
{
    if (first_stop_signal() == 0)
        return;
    word.store(1);
    futex_wake_all(word);
    tell_news();
}

word_set_on_stop::~word_set_on_stop() { state().words.remove(place_); }

} // namespace ruche::os
