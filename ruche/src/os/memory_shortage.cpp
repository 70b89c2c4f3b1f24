#include "os/memory_shortage.hpp"

#include "os/control_group.hpp"

namespace ruche::os {

namespace {

std::uint64_t killed_in_group()
{
    if (const auto group = control_group(""))
        if (const auto count = number_after(content_of(*group + "/memory.events"), "oom_kill"))
            return *count;
    if (const auto group = control_group("memory"))
        if (const auto count = number_after(content_of(*group + "/memory.oom_control"), "oom_kill"))
            return *count;
    return 0;
}

} // namespace

memory_killings memory_killings::counted_now()
{
    return {number_after(content_of("/proc/vmstat"), "oom_kill").value_or(0), killed_in_group()};
}

} // namespace ruche::os
