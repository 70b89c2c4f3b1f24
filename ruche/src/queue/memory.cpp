#include "queue/memory.hpp"

#include "os/process_identity.hpp"

#include <ruche/error.hpp>

#include <new>
#include <string>

namespace ruche::detail {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 37; // of the large area: its positions count units in 32 bits

std::size_t rounded(std::size_t bytes)
{
    if (bytes > most_bytes)
        throw too_large("a queue of " + std::to_string(bytes) + " bytes");
    return std::bit_ceil(std::max(bytes, os::page_size()));
}

// Shown in /proc/PID/fd: by it an inspector knows what it has found. The kernel takes 249 bytes.
std::string label_for(const queue_settings& settings)
{
    const std::string kind = settings.is_channel ? "ruche-channel" : "ruche-queue";
    return settings.name.empty() ? kind : kind + ":" + settings.name.substr(0, 200);
}

} // namespace

queue_memory::queue_memory(fd file, const queue_geometry& sizes) :
    file_(std::move(file)), sizes_(sizes),
    mapping_(file_, {{0, queue_geometry::ring + sizes.ring_bytes},
                     {queue_geometry::ring, sizes.total() - queue_geometry::ring},
                     {sizes.large(), sizes.large_bytes}})
{}

queue_memory queue_memory::create(const queue_settings& settings)
{
    if (settings.items > 0xFFFF'FFFF)
        throw too_large("a queue of " + std::to_string(settings.items) + " items");
    const queue_geometry sizes{rounded(settings.ring_bytes), rounded(settings.large_bytes)};
    fd file = os::make_memory(label_for(settings).c_str(), sizes.total());
    os::reserve(file, 0, queue_geometry::ring + sizes.ring_bytes);
    queue_memory memory(std::move(file), sizes);
    auto* header = new (memory.mapping_.data()) queue_header;
    header->item_limit = static_cast<std::uint32_t>(settings.items);
    header->ring_bytes = sizes.ring_bytes;
    header->large_bytes = sizes.large_bytes;
    header->pid_namespace = os::pid_namespace();
    header->fingerprint = settings.fingerprint;
    header->with_descriptors = settings.carries_descriptors;
    return memory;
}

queue_memory queue_memory::open(fd file)
{
    const std::size_t size = os::sealed_size(file);
    queue_geometry sizes;
    {
        if (size < queue_geometry::ring)
            throw bad_message("the memory of a queue is too small", 0);
        const os::shared_mapping first(file, {{0, queue_geometry::ring}});
        const auto& header = *reinterpret_cast<const queue_header*>(first.data());
        if (header.magic != queue_header::right_magic || header.version != queue_header::right_version)
            throw bad_message("the descriptor is not that of a queue of this build", 0);
        if (header.pid_namespace != os::pid_namespace())
            throw bad_message("the queue comes from another pid namespace, where its locks can't be shared", 0);
        sizes = {header.ring_bytes, header.large_bytes};
    }
    const auto plausible = [](std::size_t bytes) {
        return std::has_single_bit(bytes) && bytes >= os::page_size() && bytes <= most_bytes;
    };
    if (!plausible(sizes.ring_bytes) || !plausible(sizes.large_bytes) || sizes.total() != size)
        throw bad_message("the sizes in the memory of a queue contradict each other", 0);
    return {std::move(file), sizes};
}

} // namespace ruche::detail
