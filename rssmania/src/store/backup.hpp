#pragma once

#include "store/sqlite.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace rssmania {

/// Writes a whole and consistent copy of the store in `directory` to the new file `copy`, also while a watcher works on
/// it; readable by the user alone. What has been told is marked as told in it: whoever goes on from the copy tells
/// nothing twice. The copy is beside its name first, so that under its name there is a whole one or none.
///
/// Throws: `std::runtime_error` if `copy` is there; `sqlite::error`, `std::filesystem::filesystem_error`.
void back_up(const std::filesystem::path& directory, const std::filesystem::path& copy);

/// Puts `copy` in the place of the store in `directory`, which nobody may be working on: the caller has its lock.
/// Throws: `std::runtime_error` if `copy` is damaged or no store; `sqlite::error`, `std::filesystem::filesystem_error`.
void restore(const std::filesystem::path& copy, const std::filesystem::path& directory);

/// What is wrong with the database `file` by SQLite's own checks; empty if nothing. The index of words is looked at
/// only by those who may write. Throws: `sqlite::error` if it can't even be opened.
[[nodiscard]] std::vector<std::string> damages_of(const std::filesystem::path& file, sqlite::access how);

} // namespace rssmania
