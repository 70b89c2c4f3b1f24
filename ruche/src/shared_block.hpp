#pragma once

#include "os/shared_mapping.hpp"

#include <ruche/detail/shared_block.hpp>

#include <atomic>

namespace ruche::detail {

/// First of a block's memory; the data follow at `data_offset`.
struct block_header {
    static constexpr std::uint64_t right_magic = 0x6B63'6F6C'6220'6872; // "rh block"
    static constexpr std::size_t data_offset = 64;

    std::uint64_t magic = right_magic;
    std::uint64_t kind = 0;
    std::uint64_t pid_namespace = 0; ///< whose thread ids the locks in it hold
    std::uint64_t bytes = 0;
};

class shared_block {
public:
    shared_block(fd memory, os::shared_mapping mapping, const os::memory_identity& which) noexcept :
        memory_(std::move(memory)), mapping_(std::move(mapping)), identity_(which)
    {}
    shared_block(const shared_block&) = delete;
    shared_block& operator=(const shared_block&) = delete;
    ~shared_block()
    {
        const needed_check is_needed = is_needed_.load(std::memory_order_relaxed);
        if (is_needed && is_needed(data()))
            mapping_.leave();
    }

    /// Says that the kernel or the C library may still need the data where they are mapped when the last handle goes.
    using needed_check = bool (*)(const void* data) noexcept;
    void keep_mapped_if(needed_check is_needed) noexcept { is_needed_.store(is_needed, std::memory_order_relaxed); }

    [[nodiscard]] block_header& header() const noexcept { return *reinterpret_cast<block_header*>(mapping_.data()); }
    [[nodiscard]] std::byte* data() const noexcept { return mapping_.data() + block_header::data_offset; }
    [[nodiscard]] const fd& memory() const noexcept { return memory_; }
    [[nodiscard]] const os::memory_identity& identity() const noexcept { return identity_; }

private:
    fd memory_;
    os::shared_mapping mapping_;
    os::memory_identity identity_;
    std::atomic<needed_check> is_needed_ = nullptr; ///< set by each who opens it, always to the same
};

} // namespace ruche::detail
