#include "store/sqlite.hpp"

#include <iostream>
#include <sqlite3.h>

namespace rssmania::sqlite {
namespace {

[[noreturn]] void fail(sqlite3* connection, const std::string& doing)
{
    throw error(doing + ": " + sqlite3_errmsg(connection), sqlite3_extended_errcode(connection));
}

void check(sqlite3_stmt* statement, int result)
{
    if (result != SQLITE_OK)
        fail(sqlite3_db_handle(statement), std::string("run \"") + sqlite3_sql(statement) + '"');
}

} // namespace

// What the kernel says of a file that may grow no more (a limit, a quota) SQLite takes for a failed write.
bool error::is_full_disk() const noexcept
{
    return (code_ & 0xff) == SQLITE_FULL || code_ == SQLITE_IOERR_WRITE || code_ == SQLITE_IOERR_SHMSIZE ||
           code_ == SQLITE_IOERR_TRUNCATE;
}

void statement::finalize::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
void database::close::operator()(sqlite3* connection) const noexcept { sqlite3_close_v2(connection); }

bool statement::next()
{
    const int result = sqlite3_step(handle_.get());
    if (result == SQLITE_ROW)
        return true;
    if (result != SQLITE_DONE)
        check(handle_.get(), result);
    reset();
    return false;
}

std::int64_t statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string statement::text(int column) const
{
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return bytes ? std::string(static_cast<const char*>(bytes), size) : std::string();
}

bool statement::is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

void statement::reset()
{
    sqlite3_reset(handle_.get()); // gives the last step's error again, which `next` has thrown already
    sqlite3_clear_bindings(handle_.get());
}

void statement::bind(int index, std::int64_t value)
{
    check(handle_.get(), sqlite3_bind_int64(handle_.get(), index, value));
}

void statement::bind(int index, std::string_view value)
{
    const char* text = value.data() ? value.data() : ""; // a null pointer would bind NULL
    check(handle_.get(), sqlite3_bind_text64(handle_.get(), index, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void statement::bind(int index, blob value)
{
    const char* bytes = value.bytes.data() ? value.bytes.data() : "";
    check(handle_.get(), sqlite3_bind_blob64(handle_.get(), index, bytes, value.bytes.size(), SQLITE_TRANSIENT));
}

void statement::bind(int index, std::optional<std::int64_t> value)
{
    if (value)
        bind(index, *value);
    else
        check(handle_.get(), sqlite3_bind_null(handle_.get(), index));
}

database::database(const std::filesystem::path& file, access how)
{
    sqlite3* connection = nullptr;
    const int flags = how == access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const int result = sqlite3_open_v2(file.c_str(), &connection, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(connection);
    if (result != SQLITE_OK)
        fail(connection, "open the store " + file.string());
    sqlite3_busy_timeout(connection, 10'000);
    // The file may have been made by somebody else: nothing in it may act, and no row may be absurd.
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, 64 << 20);
}

void database::execute(const char* script)
{
    if (sqlite3_exec(connection_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK)
        fail(connection_.get(), std::string("run \"") + script + '"');
}

statement database::prepare(std::string_view sql)
{
    sqlite3_stmt* handle = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &handle, nullptr) != SQLITE_OK)
        fail(connection_.get(), "prepare \"" + std::string(sql) + '"');
    return statement(handle);
}

std::int64_t database::single_integer(std::string_view sql)
{
    statement query = prepare(sql);
    return query.next() ? query.integer(0) : 0;
}

std::int64_t database::changes() const { return sqlite3_changes64(connection_.get()); }
std::int64_t database::last_row() const { return sqlite3_last_insert_rowid(connection_.get()); }

transaction::transaction(database& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }

transaction::~transaction()
{
    if (!open_)
        return;
    try {
        db_.execute("ROLLBACK");
    } catch (const error& failed) {
        // SQLite has rolled back on its own after most errors; the exception that brought us here is what counts.
        std::clog << "rssmania: " << failed.what() << '\n';
    }
}

void transaction::commit()
{
    db_.execute("COMMIT");
    open_ = false;
}

} // namespace rssmania::sqlite
