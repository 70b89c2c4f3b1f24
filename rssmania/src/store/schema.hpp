#pragma once

#include "store/sqlite.hpp"

namespace rssmania {

/// Brings the database to the newest version of the schema, from nothing or from any earlier version of ours, in one
/// transaction. Throws `sqlite::error` if the file is from a later version, or is not ours.
void migrate(sqlite::database& db);

} // namespace rssmania
