#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// The executable and shared libraries of this process, as the loader knows them (dl_iterate_phdr(3)).
namespace ruche::os {

/// The fingerprint that the linker wrote into a module; shorter ones are filled with zeroes.
struct build_id {
    std::array<std::byte, 20> bytes{};
    friend bool operator==(const build_id&, const build_id&) = default;
};

/// An address in code, said so that another process of the same build can find it: module and offset.
struct code_location {
    build_id module;
    std::uint64_t offset = 0;
};

/// Where `address` lies, or nothing if no module has it, or its module carries no build id.
[[nodiscard]] std::optional<code_location> locate(const void* address);

/// The file of the module that has `address`, as a path that holds in any directory; empty for the executable itself.
[[nodiscard]] std::string module_path(const void* address);

/// The address of `where` in this process; null if no such module is loaded here or the offset lies outside its code.
[[nodiscard]] const void* find(const code_location& where);

/// Loads the module at `path` and keeps it loaded. Returns the loader's complaint, or nothing.
[[nodiscard]] std::optional<std::string> load(const std::string& path);

/// Whether a function starts at `address`: the module's table of unwind information (.eh_frame_hdr) has an entry that
/// begins there. This keeps a damaged or hostile request from jumping into the middle of something.
[[nodiscard]] bool starts_a_function(const void* address);

/// The build id of the executable; all zeroes if it carries none.
[[nodiscard]] build_id executable_build_id();

} // namespace ruche::os
