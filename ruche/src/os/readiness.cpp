#include "os/readiness.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <sys/epoll.h>

namespace ruche::os {

namespace {

constexpr std::size_t most_at_once = 64;

int milliseconds_left(const deadline& until)
{
    if (until.is_never())
        return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until.left()).count();
    return static_cast<int>(std::min<long long>(left, INT_MAX));
}

} // namespace

readiness_set::readiness_set() : set_(own(::epoll_create1(EPOLL_CLOEXEC), "make a set of descriptors to wait for")) {}

namespace {

void add_to(const fd& set, int number, std::uint64_t key, std::uint32_t events)
{
    epoll_event event{events, {}};
    event.data.u64 = key;
    check(::epoll_ctl(set.get(), EPOLL_CTL_ADD, number, &event), "wait for descriptor ", number);
}

} // namespace

void readiness_set::add(int number, std::uint64_t key) { add_to(set_, number, key, EPOLLIN); }
void readiness_set::add_edge(int number, std::uint64_t key) { add_to(set_, number, key, EPOLLIN | EPOLLET); }

void readiness_set::set_heeded(int number, std::uint64_t key, bool heeded, bool room)
{
    epoll_event event{(heeded ? EPOLLIN : 0U) | (room ? EPOLLOUT : 0U), {}};
    event.data.u64 = key;
    check(::epoll_ctl(set_.get(), EPOLL_CTL_MOD, number, &event), "wait for descriptor ", number);
}

void readiness_set::remove(int number) noexcept
{
    // It can only fail for a descriptor that is no member, which is what was asked for.
    (void)::epoll_ctl(set_.get(), EPOLL_CTL_DEL, number, nullptr);
}

std::span<std::uint64_t> readiness_set::wait(std::span<std::uint64_t> keys, const deadline& until)
{
    std::array<epoll_event, most_at_once> events;
    const int most = static_cast<int>(std::min(keys.size(), events.size()));
    const int count = ::epoll_wait(set_.get(), events.data(), most, milliseconds_left(until));
    if (count < 0 && errno != EINTR)
        throw_errno("wait for descriptors");
    const auto found = static_cast<std::size_t>(std::max(count, 0));
    for (std::size_t i = 0; i < found; ++i)
        keys[i] = events[i].data.u64;
    return keys.first(found);
}

} // namespace ruche::os
