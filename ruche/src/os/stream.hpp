#pragma once

#include <ruche/fd.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

/// Files and pipes that become a process's standard streams (open(2), pipe(7)).
namespace ruche::os {

enum class file_use { read, write, append };

/// Opens the file at `path`; `write` makes or empties it, `append` makes it. Throws: `os_error`.
[[nodiscard]] fd open_file(const std::filesystem::path& path, file_use use);

struct pipe_ends {
    fd reading;
    fd writing;
};
[[nodiscard]] pipe_ends make_pipe();

/// Reads until the end. Throws: `os_error`.
[[nodiscard]] std::string read_to_end(const fd& from);

/// The last `most` bytes of what waits in a pipe, which stay there for who reads it. Never waits; empty for what is no
/// pipe.
[[nodiscard]] std::string last_unread(const fd& pipe, std::size_t most);

} // namespace ruche::os
