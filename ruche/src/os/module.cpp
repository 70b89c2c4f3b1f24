#include "os/module.hpp"

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fstream>
#include <link.h>
#include <span>
#include <sstream>
#include <unwind.h>

namespace ruche::os {

namespace {

/// What we need to know of one loaded module.
struct module_view {
    std::uintptr_t base = 0;
    const char* path = "";
    std::span<const ElfW(Phdr)> headers;

    [[nodiscard]] bool has_code(std::uintptr_t address) const
    {
        return std::any_of(headers.begin(), headers.end(), [&](const ElfW(Phdr) & header) {
            return header.p_type == PT_LOAD && (header.p_flags & PF_X) &&
                   address - base - header.p_vaddr < header.p_memsz;
        });
    }

    [[nodiscard]] std::optional<build_id> id() const
    {
        for (const auto& header : headers)
            if (header.p_type == PT_NOTE)
                if (auto found = id_in_notes(header))
                    return found;
        return std::nullopt;
    }

    /// The table that finds the unwind information of an address; null if the module has none.
    [[nodiscard]] const std::uint8_t* unwind_table() const
    {
        for (const auto& header : headers)
            if (header.p_type == PT_GNU_EH_FRAME)
                return reinterpret_cast<const std::uint8_t*>(base + header.p_vaddr);
        return nullptr;
    }

private:
    [[nodiscard]] std::optional<build_id> id_in_notes(const ElfW(Phdr) & header) const
    {
        const auto* at = reinterpret_cast<const std::byte*>(base + header.p_vaddr);
        const auto* end = at + header.p_memsz;
        const auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t(3); };
        while (end - at >= static_cast<std::ptrdiff_t>(sizeof(ElfW(Nhdr)))) {
            ElfW(Nhdr) note;
            std::memcpy(&note, at, sizeof note);
            const auto* name = at + sizeof note;
            const auto* bytes = name + padded(note.n_namesz);
            if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
                build_id id;
                std::memcpy(id.bytes.data(), bytes, std::min<std::size_t>(note.n_descsz, id.bytes.size()));
                return id;
            }
            at = bytes + padded(note.n_descsz);
        }
        return std::nullopt;
    }
};

/// Calls `look` with each module until it returns true.
template <class Look>
bool any_module(Look look)
{
    const auto visit = [](dl_phdr_info* info, std::size_t, void* data) {
        const module_view module{info->dlpi_addr, info->dlpi_name, {info->dlpi_phdr, info->dlpi_phnum}};
        return (*static_cast<Look*>(data))(module) ? 1 : 0;
    };
    return ::dl_iterate_phdr(visit, &look) != 0;
}

std::uintptr_t as_number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }

/// A row of the sorted table in .eh_frame_hdr; both are relative to the start of that section.
struct unwind_row {
    std::int32_t start;
    std::int32_t description;
};

} // namespace

std::optional<code_location> locate(const void* address)
{
    std::optional<code_location> found;
    any_module([&](const module_view& module) {
        if (!module.has_code(as_number(address)))
            return false;
        if (const auto id = module.id())
            found = code_location{*id, as_number(address) - module.base};
        return true;
    });
    return found;
}

namespace {

/// The file that is mapped at `address`: the rest of its line "start-end rwxp offset device inode path" in
/// proc_pid_maps.
std::optional<std::string> file_mapped_at(std::uintptr_t address)
{
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t start = 0, end = 0;
        char dash = 0;
        std::istringstream words(line);
        const auto slash = line.find('/');
        if (words >> std::hex >> start >> dash >> end && address - start < end - start && slash != std::string::npos)
            return line.substr(slash);
    }
    return std::nullopt;
}

} // namespace

std::string module_path(const void* address)
{
    std::string path;
    any_module([&](const module_view& module) {
        if (!module.has_code(as_number(address)))
            return false;
        path = module.path;
        return true;
    });
    // What was loaded by a relative name is known to the loader by that alone; the kernel knows it in full.
    return path.empty() || path.front() == '/' ? path : file_mapped_at(as_number(address)).value_or(path);
}

const void* find(const code_location& where)
{
    const void* found = nullptr;
    any_module([&](const module_view& module) {
        if (module.id() != where.module)
            return false;
        const std::uintptr_t address = module.base + where.offset;
        if (module.has_code(address))
            found = reinterpret_cast<const void*>(address); // NOLINT(performance-no-int-to-ptr): that is the point
        return true;
    });
    return found;
}

std::optional<std::string> load(const std::string& path)
{
    if (::dlopen(path.c_str(), RTLD_NOW | RTLD_NODELETE))
        return std::nullopt;
    const char* complaint = ::dlerror();
    return complaint ? complaint : "can't load " + path;
}

bool starts_a_function(const void* address)
{
    bool starts = false;
    any_module([&](const module_view& module) {
        if (!module.has_code(as_number(address)))
            return false;
        const std::uint8_t* table = module.unwind_table();
        if (!table) { // linked with -static: the frames are known to the runtime alone. (It looks before what it is
                      // given.)
            const auto* within = static_cast<const std::byte*>(address) + 1;
            starts = ::_Unwind_FindEnclosingFunction(const_cast<std::byte*>(within)) == address;
            return true;
        }
        // Version 1, count as udata4, rows as sdata4 relative to the section: what every linker writes
        // (Linux Standard Base, .eh_frame_hdr). Anything else can't be checked and is not trusted.
        if (table[0] != 1 || table[2] != 0x03 || table[3] != 0x3b)
            return true;
        std::uint32_t count = 0;
        std::memcpy(&count, table + 8, sizeof count);
        const std::span rows(reinterpret_cast<const unwind_row*>(table + 12), count);
        const auto wanted = static_cast<std::int64_t>(as_number(address)) - static_cast<std::int64_t>(as_number(table));
        const auto row =
            std::lower_bound(rows.begin(), rows.end(), wanted,
                             [](const unwind_row& entry, std::int64_t value) { return entry.start < value; });
        starts = row != rows.end() && row->start == wanted;
        return true;
    });
    return starts;
}

build_id executable_build_id()
{
    build_id id;
    any_module([&](const module_view& module) { // the first is always the executable
        id = module.id().value_or(build_id{});
        return true;
    });
    return id;
}

} // namespace ruche::os
