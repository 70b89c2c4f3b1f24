#pragma once

#include "store/sqlite.hpp"

namespace rssmania {

/// Brings the database to the newest version of the schema, from nothing or from any earlier version of ours, in one
/// transaction. Throws `sqlite::error` if the file is from a later version, or is not ours.
void migrate(sqlite::database& db);

/// The same to an earlier `version`, as the rssmania of that time did: for tests of upgrades.
void migrate(sqlite::database& db, std::int64_t version);

/// The newest version.
[[nodiscard]] std::int64_t schema_version() noexcept;

} // namespace rssmania
