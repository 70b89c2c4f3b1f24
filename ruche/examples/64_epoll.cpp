// A queue, an event and a process in an event loop of one's own. Notice: readable means "look"; another may have been
// faster, so nothing here waits for what the descriptor promised.
#include <ruche/event.hpp>
#include <ruche/fd.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <iostream>

#include <sys/epoll.h>

void work(ruche::queue<int> out, ruche::event halfway)
{
    out.push(1);
    halfway.set();
    out.push(2);
}

void watch(const ruche::fd& loop, int descriptor)
{
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.fd = descriptor;
    ::epoll_ctl(loop.get(), EPOLL_CTL_ADD, descriptor, &interest);
}

int main()
{
    ruche::queue<int> numbers;
    ruche::event halfway;
    ruche::process worker(work, numbers, halfway);

    const ruche::fd loop(::epoll_create1(EPOLL_CLOEXEC));
    watch(loop, numbers.native_handle());
    watch(loop, halfway.native_handle());
    watch(loop, worker.native_handle());

    int sum = 0;
    bool told = false;
    for (bool ended = false; !ended;) {
        epoll_event happened{};
        if (::epoll_wait(loop.get(), &happened, 1, 1000) != 1) // and looks by itself now and then
            continue;
        ended = happened.data.fd == worker.native_handle();
        while (auto number = numbers.try_pop())
            sum += *number;
        if (halfway.ready()) {
            told = true;
            halfway.clear();
        }
    }
    std::cout << sum << (told ? ", and halfway was told" : "") << '\n';
}
// prints: 3, and halfway was told
