#include "os/processors.hpp"

#include "os/control_group.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <sched.h>

namespace ruche::os {

namespace {

template <class Look>
auto look_at_allowed(Look look)
{
    // The kernel refuses a set that is too small for the machine, so it grows until it is taken.
    for (std::size_t most = 1024; most <= 1U << 20; most *= 2) {
        const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(most),
                                                                   [](cpu_set_t* one) { CPU_FREE(one); });
        if (::sched_getaffinity(0, CPU_ALLOC_SIZE(most), set.get()) == 0)
            return look(set.get(), most);
    }
    return decltype(look(nullptr, 0))();
}

unsigned allowed()
{
    return look_at_allowed([](const cpu_set_t* set, std::size_t most) {
        return static_cast<unsigned>(CPU_COUNT_S(CPU_ALLOC_SIZE(most), set));
    });
}

/// How many processors `quota` in each `period` keeps busy, rounded up.
std::optional<unsigned> share(const std::string& quota, const std::string& period)
{
    const long long most = std::atoll(quota.c_str()), each = std::atoll(period.c_str());
    if (most <= 0 || each <= 0) // "max", or -1: no limit
        return std::nullopt;
    return static_cast<unsigned>(std::min((most + each - 1) / each, 1LL << 20));
}

std::optional<unsigned> share_of_version_2(const std::string& group)
{
    const std::string both = content_of(group + "/cpu.max");
    const auto space = both.find(' ');
    return space == std::string::npos ? std::nullopt : share(both.substr(0, space), both.substr(space + 1));
}

std::optional<unsigned> share_of_version_1(const std::string& group)
{
    return share(content_of(group + "/cpu.cfs_quota_us"), content_of(group + "/cpu.cfs_period_us"));
}

// Of the process; a race between two that look costs nothing, both have seen the truth.
std::atomic<unsigned> known_processors{0};
std::atomic<unsigned> looks_asked_for{0};

unsigned count_processors() noexcept
{
    cpu_set_t set; // a machine with more processors than it holds is refused, and has more than one
    const unsigned count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 2U;
    known_processors.store(count, std::memory_order_relaxed);
    return count;
}

} // namespace

std::vector<std::uint32_t> usable_processor_numbers()
{
    auto numbers = look_at_allowed([](const cpu_set_t* set, std::size_t most) {
        std::vector<std::uint32_t> found;
        for (std::size_t number = 0; number < most; ++number)
            if (CPU_ISSET_S(number, CPU_ALLOC_SIZE(most), set))
                found.push_back(static_cast<std::uint32_t>(number));
        return found;
    });
    if (numbers.empty())
        numbers.push_back(0);
    return numbers;
}

bool others_can_run_meanwhile() noexcept
{
    const unsigned known = known_processors.load(std::memory_order_relaxed);
    return (known != 0 ? known : count_processors()) > 1;
}

void look_at_processors() noexcept
{
    constexpr unsigned every = 16;
    if (looks_asked_for.fetch_add(1, std::memory_order_relaxed) % every == 0)
        count_processors();
}

unsigned processors_granted()
{
    unsigned count = allowed();
    const auto bound = [&](std::optional<unsigned> most) { count = std::min(count, most.value_or(count)); };
    for (const auto& group : control_groups(""))
        bound(share_of_version_2(group));
    for (const auto& group : control_groups("cpu"))
        bound(share_of_version_1(group));
    return std::max(count, 1U);
}

} // namespace ruche::os
