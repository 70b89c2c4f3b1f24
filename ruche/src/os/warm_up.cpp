#include "os/warm_up.hpp"

#include "os/sanitizer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <elf.h>
#include <link.h>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// From Linux 5.14, which Debian 12's C library knows.
constexpr int to_read = MADV_POPULATE_READ;
constexpr int to_write = MADV_POPULATE_WRITE;

constexpr std::uintptr_t stack_below = 16 * 1024; // what a start needs of it

void populate(std::uintptr_t begin, std::uintptr_t end, int how) noexcept
{
    static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const std::uintptr_t first = begin & ~(page - 1);
    ::madvise(reinterpret_cast<void*>(first), end - first, how); // NOLINT(performance-no-int-to-ptr): addresses
}

void populate_code(std::uintptr_t address) noexcept { populate(address, address + 1, to_read); }

/// Where what has no initial value begins: there is the flag that `exit` sets in each module.
void populate_start_of_zeroes(std::uintptr_t base, const ElfW(Phdr) & header) noexcept
{
    const std::uintptr_t start = base + header.p_vaddr + header.p_filesz;
    if (header.p_memsz > header.p_filesz)
        populate(start, start + 1, to_write);
}

void populate_ends(const ElfW(Dyn) * entry, std::uintptr_t base) noexcept
{
    std::uintptr_t functions = 0;
    std::size_t count = 0;
    for (; entry->d_tag != DT_NULL; ++entry)
        if (entry->d_tag == DT_FINI)
            populate_code(base + entry->d_un.d_ptr);
        else if (entry->d_tag == DT_FINI_ARRAY)
            functions = base + entry->d_un.d_ptr;
        else if (entry->d_tag == DT_FINI_ARRAYSZ)
            count = entry->d_un.d_val / sizeof(std::uintptr_t);
    for (const auto function : std::span(reinterpret_cast<const std::uintptr_t*>(functions), functions ? count : 0))
        populate_code(function);
}

int populate_module(dl_phdr_info* module, std::size_t, void*) noexcept
{
    for (const auto& header : std::span(module->dlpi_phdr, module->dlpi_phnum))
        if (header.p_type == PT_LOAD && (header.p_flags & PF_W))
            populate_start_of_zeroes(module->dlpi_addr, header);
        else if (header.p_type == PT_DYNAMIC)
            populate_ends(reinterpret_cast<const ElfW(Dyn)*>(module->dlpi_addr + header.p_vaddr), module->dlpi_addr);
    return 0;
}

} // namespace

void warm_up() noexcept
{
    if (under_sanitizer) // whose shadow memory would grow by each page
        return;
    ::dl_iterate_phdr(populate_module, nullptr);
    populate_code(reinterpret_cast<std::uintptr_t>(&std::exit));
    populate_code(reinterpret_cast<std::uintptr_t>(&std::setvbuf));
    populate_code(reinterpret_cast<std::uintptr_t>(&::dl_iterate_phdr));
    const int here = 0;
    const auto stack = reinterpret_cast<std::uintptr_t>(&here);
    populate(stack - stack_below, stack, to_write);
}

} // namespace ruche::os
