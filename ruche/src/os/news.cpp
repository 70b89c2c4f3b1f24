#include "os/news.hpp"

#include "os/event.hpp"
#include "os/os_error.hpp"
#include "os/this_thread.hpp"

#include <atomic>

#include <sys/epoll.h>
#include <unistd.h>

namespace ruche::os {

namespace {
std::atomic<int> the_event{-1}; // of the process, never closed: the one thing here that is global
}

int news_descriptor_if_any() noexcept { return the_event.load(std::memory_order_acquire); }

int news_descriptor()
{
    int number = news_descriptor_if_any();
    if (number >= 0)
        return number;
    fd made = own(make_event().release(), "make an event");
    if (the_event.compare_exchange_strong(number, made.get(), std::memory_order_acq_rel))
        return made.release();
    return number; // another thread was faster
}

void inherit_news(fd event) noexcept { the_event.store(event.release(), std::memory_order_release); }
void forget_news() noexcept { the_event.store(-1, std::memory_order_release); }

void tell_news() noexcept
{
    const int event = news_descriptor_if_any();
    if (event < 0)
        return;
    const int saved = errno; // called from signal handlers
    const std::uint64_t one = 1;
    (void)!::write(event, &one, sizeof one); // can't fail: a counter to 2^64 is never full
    errno = saved;
}

news_watch& news_watch::of_this_thread()
{
    thread_local news_watch mine;
    const int event = news_descriptor();
    const std::uint32_t epoch = this_thread().epoch;
    if (mine.epoch_ == epoch && mine.watched_ == event)
        return mine;
    mine.epoll_.reset(own(::epoll_create1(EPOLL_CLOEXEC), "make a descriptor to hear of news by").release());
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLET;
    check(::epoll_ctl(mine.epoll_.get(), EPOLL_CTL_ADD, event, &interest), "watch for news");
    mine.watched_ = event;
    mine.epoch_ = epoch;
    return mine;
}

void news_watch::clear() noexcept
{
    epoll_event told{};
    retry([&]() noexcept { return ::epoll_wait(epoll_.get(), &told, 1, 0); });
}

} // namespace ruche::os
