#include "queue/core.hpp"

#include "memory_registry.hpp"
#include "os/event.hpp"

#include <ruche/error.hpp>

/// The functions behind `queue<T>`, and the one list of the queues of this process.
namespace ruche::detail {

namespace {

// Never destroyed: queues that are global objects may outlive whatever order of destruction there is.
memory_registry<queue_core>& registry()
{
    static auto& queues = *new memory_registry<queue_core>;
    return queues;
}

std::shared_ptr<queue_core> open_core(std::vector<fd> descriptors)
{
    auto memory = queue_memory::open(std::move(descriptors[0]));
    descriptor_mail mail;
    if (descriptors.size() == 4)
        mail = {std::move(descriptors[2]), std::move(descriptors[3])};
    if (static_cast<bool>(mail) != (memory.header().with_descriptors != 0))
        throw bad_message("the sockets of a queue are missing, or too many", 0);
    return std::make_shared<queue_core>(std::move(memory), std::move(descriptors[1]), std::move(mail));
}

} // namespace

std::shared_ptr<queue_core> make_queue(const queue_settings& settings)
{
    auto memory = queue_memory::create(settings);
    descriptor_mail mail;
    if (settings.carries_descriptors) {
        auto [front, back] = os::make_packet_pair();
        mail = {std::move(front), std::move(back)};
    }
    return registry().get(os::identity(memory.file()), [&] {
        return std::make_shared<queue_core>(std::move(memory), os::make_event(), std::move(mail));
    });
}

std::shared_ptr<queue_core> open_queue(std::vector<fd> descriptors, std::uint64_t fingerprint)
{
    if (descriptors.size() != 2 && descriptors.size() != 4)
        throw bad_message("a queue comes with two or four descriptors, not " + std::to_string(descriptors.size()), 0);
    const auto which = os::identity(descriptors[0]);
    const auto queue = registry().get(which, [&] { return open_core(std::move(descriptors)); });
    if (queue->memory().header().fingerprint != fingerprint)
        throw bad_message("the queue holds items of another type", 0);
    return queue;
}

std::vector<std::shared_ptr<const fd>> descriptors_of(const std::shared_ptr<queue_core>& queue)
{
    const auto part = [&](const fd& one) { return std::shared_ptr<const fd>(queue, &one); };
    std::vector<std::shared_ptr<const fd>> all{part(queue->memory().file()), part(queue->event())};
    if (queue->mail()) {
        all.push_back(part(queue->mail().front()));
        all.push_back(part(queue->mail().back()));
    }
    return all;
}

push_end push(queue_core& queue, std::span<const outgoing> items, const wait_bounds& bounds)
{
    return queue.push(items, bounds);
}

push_end push(queue_core& queue, const flat_items& items, const wait_bounds& bounds)
{
    return queue.push(items, bounds);
}

pop_end pop_flat(queue_core& queue, std::span<std::byte> place, std::size_t each, const wait_bounds& bounds)
{
    return queue.pop_flat(place, each, bounds);
}

wait_end pop(queue_core& queue, incoming& items, std::size_t most, const wait_bounds& bounds)
{
    return queue.pop(items, most, bounds);
}

wait_end pop_into(queue_core& queue, std::span<std::byte> place, const wait_bounds& bounds)
{
    return queue.pop_into(place, bounds);
}

wait_end pop_lease(queue_core& queue, incoming& item, lease_place& place, const wait_bounds& bounds)
{
    return queue.pop_lease(item, place, bounds);
}

void end_loan(queue_core& queue, const incoming& item) noexcept { queue.end_loan(item); }
void finish_lease(queue_core& queue, const lease_place& place) noexcept { queue.end_lease(place, true); }
void return_lease(queue_core& queue, const lease_place& place) noexcept { queue.end_lease(place, false); }
bool wait_until_done(queue_core& queue, const wait_bounds& bounds) { return queue.wait_until_done(bounds); }

void close(queue_core& queue) noexcept { queue.close(); }
bool is_closed(const queue_core& queue) noexcept { return queue.is_closed(); }
std::size_t size(queue_core& queue) noexcept { return queue.size(); }
bool empty(const queue_core& queue) noexcept { return queue.empty(); }
int pollable(queue_core& queue) noexcept { return queue.pollable(); }
bool ready(queue_core& queue) noexcept { return queue.ready(); }

} // namespace ruche::detail
