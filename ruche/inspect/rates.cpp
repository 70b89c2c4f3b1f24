#include "rates.hpp"

#include <utility>

namespace {

// The counters of a queue go round at 2^32.
double times_a_second(std::uint64_t before, std::uint64_t now, std::chrono::duration<double> passed)
{
    return static_cast<double>(static_cast<std::uint32_t>(now - before)) / passed.count();
}

} // namespace

void rates::note(const std::vector<ruche::inspect::program>& programs)
{
    before_ = std::exchange(now_, {std::chrono::steady_clock::now(), {}});
    for (const auto& program : programs)
        for (const auto& object : program.objects)
            if (object.facts.contains("pushed"))
                now_.queues[object.id] = {object.facts.at("pushed"), object.facts.at("popped")};
}

std::optional<rates::speed> rates::of(const ruche::inspect::object& queue) const
{
    const auto before = before_.queues.find(queue.id), now = now_.queues.find(queue.id);
    if (before == before_.queues.end() || now == now_.queues.end())
        return std::nullopt;
    const std::chrono::duration<double> passed = now_.at - before_.at;
    return speed{times_a_second(before->second.pushed, now->second.pushed, passed),
                 times_a_second(before->second.popped, now->second.popped, passed)};
}
