#include "os/limits.hpp"

#include "os/os_error.hpp"

#include <memory>
#include <sched.h>
#include <sys/resource.h>

namespace ruche::os {

namespace {

struct kernel_limit {
    __rlimit_resource_t number;
    const char* name;
};

// In the order of `resource`.
constexpr std::array<kernel_limit, resources> kernel_limits{{
    {RLIMIT_CPU, "processor time"},
    {RLIMIT_FSIZE, "file size"},
    {RLIMIT_DATA, "memory"},
    {RLIMIT_NOFILE, "open files"},
    {RLIMIT_NPROC, "processes"},
    {RLIMIT_CORE, "core dumps"},
    {RLIMIT_STACK, "stack size"},
}};

std::string list(std::span<const std::uint32_t> numbers)
{
    std::string text;
    for (const auto number : numbers)
        text += (text.empty() ? "" : ", ") + std::to_string(number);
    return text;
}

} // namespace

resource_limits limits_of_this_process()
{
    resource_limits limits;
    for (std::size_t i = 0; i < resources; ++i) {
        rlimit now{};
        check(::getrlimit(kernel_limits[i].number, &now), "read the limit on ", kernel_limits[i].name);
        limits[i] = {now.rlim_cur, now.rlim_max};
    }
    return limits;
}

void set_limit(resource which, const resource_limit& limit)
{
    const auto& kernel = kernel_limits.at(static_cast<std::size_t>(which));
    const rlimit wanted{limit.soft, limit.hard};
    check(::setrlimit(kernel.number, &wanted), "limit ", kernel.name, " to ", limit.soft);
}

std::uint64_t peak_memory() noexcept
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
}

void run_on_processors(std::span<const std::uint32_t> numbers)
{
    std::uint32_t most = 0;
    for (const auto number : numbers)
        most = std::max(most, number);
    if (most >= 1U << 16)
        throw_error(EINVAL, "run on processors " + list(numbers));
    const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set(CPU_ALLOC(most + 1),
                                                               [](cpu_set_t* one) { CPU_FREE(one); });
    const std::size_t bytes = CPU_ALLOC_SIZE(most + 1);
    CPU_ZERO_S(bytes, set.get());
    for (const auto number : numbers)
        CPU_SET_S(number, bytes, set.get());
    check(::sched_setaffinity(0, bytes, set.get()), "run on processors ", list(numbers));
}

void set_niceness(int niceness) { check(::setpriority(PRIO_PROCESS, 0, niceness), "set the niceness to ", niceness); }

} // namespace ruche::os
