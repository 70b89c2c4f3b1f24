#include "os/stack.hpp"

#include "describe.hpp"

#include <algorithm>
#include <backtrace.h>
#include <execinfo.h>
#include <filesystem>
#include <mutex>
#include <sstream>

namespace ruche::os {

namespace {

using address_list = std::array<void*, stack_trace::most + 16>;

std::span<void*> addresses(address_list& list) noexcept
{
    const int count = ::backtrace(list.data(), static_cast<int>(list.size()));
    return {list.data(), static_cast<std::size_t>(std::max(count, 0))};
}

void store(stack_trace& into, std::span<void*> from) noexcept
{
    into.count = 0;
    for (void* address : from) {
        if (into.count == stack_trace::most)
            return;
        into.frames[into.count] = locate(address).value_or(code_location{});
        ++into.count;
    }
}

/// What libbacktrace finds for an address: inlined callers come as several.
struct found_names {
    std::ostringstream& lines;
    int count = 0;
};

int add_name(void* data, std::uintptr_t, const char* file, int line, const char* function)
{
    auto& found = *static_cast<found_names*>(data);
    if (!function)
        return 0;
    ++found.count;
    found.lines << "  " << demangle(function);
    if (file)
        found.lines << " at " << std::filesystem::path(file).filename().string() << ':' << line;
    found.lines << '\n';
    return 0;
}

void add_symbol(void* data, std::uintptr_t address, const char* symbol, std::uintptr_t, std::uintptr_t)
{
    if (symbol)
        add_name(data, address, nullptr, 0, symbol);
}

void ignore_missing_names(void*, const char*, int) {} // what has no name is shown as module and offset

/// Reads debugging information when first used, and keeps it: libbacktrace has no way to free its state.
backtrace_state* names()
{
    static backtrace_state* const state = ::backtrace_create_state(nullptr, 1, ignore_missing_names, nullptr);
    return state;
}

void describe_frame(std::ostringstream& lines, const code_location& frame)
{
    const auto address = reinterpret_cast<std::uintptr_t>(find(frame));
    found_names found{lines};
    if (address != 0) {
        // A return address lies behind its call; one byte back is inside.
        ::backtrace_pcinfo(names(), address - 1, add_name, ignore_missing_names, &found);
        if (found.count == 0)
            ::backtrace_syminfo(names(), address - 1, add_symbol, ignore_missing_names, &found);
    }
    if (found.count == 0) {
        const std::string path = address ? module_path(reinterpret_cast<const void*>(address)) : "";
        const std::string name = std::filesystem::path(path).filename();
        lines << "  " << (name.empty() ? "module" : name) << "+0x" << std::hex << frame.offset << std::dec << '\n';
    }
}

} // namespace

void prepare_stack_traces()
{
    address_list list;
    (void)addresses(list);
}

void capture_stack(stack_trace& into, int skipped) noexcept
{
    address_list list;
    const auto all = addresses(list);
    store(into, all.subspan(std::min(all.size(), static_cast<std::size_t>(skipped) + 1)));
}

void capture_stack_from(stack_trace& into, std::uintptr_t address) noexcept
{
    address_list list;
    const auto all = addresses(list);
    const auto start = std::find(all.begin(), all.end(), reinterpret_cast<void*>(address));
    // A jump to nowhere is not on the unwinder's list; then the whole is shown, with the handler's frames.
    store(into, start == all.end() ? all : all.subspan(static_cast<std::size_t>(start - all.begin())));
}

std::string describe_stack(std::span<const code_location> frames)
{
    std::ostringstream lines;
    for (const auto& frame : frames)
        describe_frame(lines, frame);
    return lines.str();
}

} // namespace ruche::os
