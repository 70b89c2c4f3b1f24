#pragma once

#include "os/module.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>

/// Call stacks that make sense in another process of the same build: module and offset, turned into names by whoever
/// shows them.
namespace ruche::os {

/// The return addresses of a stack, innermost first. Plain data, so that it can lie in shared memory.
struct stack_trace {
    static constexpr std::size_t most = 48;
    std::uint32_t count = 0;
    std::array<code_location, most> frames;

    [[nodiscard]] std::span<const code_location> view() const noexcept
    {
        return {frames.data(), count < most ? count : most};
    }
};

/// Loads the unwinder, which would else allocate at the first use: before a fork, and before a crash.
void prepare_stack_traces();

/// The stack of the caller, without the innermost `skipped` frames.
void capture_stack(stack_trace& into, int skipped) noexcept;

/// The same from `address` outwards: where a signal handler interrupted the program.
void capture_stack_from(stack_trace& into, std::uintptr_t address) noexcept;

/// A line a frame: "open_feed(std::string) at feed.cpp:12", or "libfeed.so+0x1f30" where no name is known.
[[nodiscard]] std::string describe_stack(std::span<const code_location> frames);

} // namespace ruche::os
