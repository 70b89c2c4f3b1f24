#pragma once

#include "os/shared_mapping.hpp"
#include "queue/layout.hpp"

#include <ruche/detail/queue_core.hpp>

#include <algorithm>
#include <bit>

namespace ruche::detail {

/// The memory of one queue as this process has it mapped. Every part is given by what it holds.
class queue_memory {
public:
    /// Makes the memory of a new queue; sizes are rounded up to powers of two. Throws: `os_error`, `too_large`.
    static queue_memory create(const queue_settings& settings);

    /// Maps the memory of a queue that exists. Throws: `bad_message` if it is none, or one whose locks mean nothing
    /// here.
    static queue_memory open(fd file);

    [[nodiscard]] queue_header& header() const noexcept { return *reinterpret_cast<queue_header*>(mapping_.data()); }

    /// The bytes of the ring from a position on; as many as the ring holds may be used in a row.
    [[nodiscard]] std::byte* ring_at(std::uint64_t position) const noexcept
    {
        return mapping_.data() + queue_geometry::ring + (position & (sizes_.ring_bytes - 1));
    }
    [[nodiscard]] std::byte* large_at(std::uint64_t offset) const noexcept
    {
        return at(sizes_.large()) + (offset & (sizes_.large_bytes - 1));
    }
    [[nodiscard]] lease_entry& entry(std::uint32_t index) const noexcept
    {
        return reinterpret_cast<lease_entry*>(at(sizes_.lease_entries()))[index];
    }
    [[nodiscard]] std::byte* slot(std::uint32_t index) const noexcept
    {
        return at(sizes_.lease_slots()) + index * lease_slot_bytes;
    }
    [[nodiscard]] std::byte* heap_at(std::uint64_t offset) const noexcept { return at(sizes_.lease_heap()) + offset; }

    [[nodiscard]] const queue_geometry& sizes() const noexcept { return sizes_; }
    [[nodiscard]] const fd& file() const noexcept { return file_; }

private:
    queue_memory(fd file, const queue_geometry& sizes);

    // Behind the second view of the ring everything lies as far as in the file, plus one ring.
    [[nodiscard]] std::byte* at(std::size_t offset) const noexcept
    {
        return mapping_.data() + offset + sizes_.ring_bytes;
    }

    fd file_;
    queue_geometry sizes_;
    os::shared_mapping mapping_;
};

} // namespace ruche::detail
