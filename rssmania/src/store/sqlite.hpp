#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

/// SQLite in our own words: just what the store needs, with errors that say what was attempted.
namespace rssmania::sqlite {

class error : public std::runtime_error {
public:
    explicit error(const std::string& what, int code = 0) : std::runtime_error(what), code_(code) {}

    /// SQLite's number for it; 0 if it is not SQLite's.
    [[nodiscard]] int code() const noexcept { return code_; }
    /// Whether there is no room left to write to: what was asked for may be done later.
    [[nodiscard]] bool is_full_disk() const noexcept;

private:
    int code_;
};

/// Bytes, as opposed to text.
struct blob {
    std::string_view bytes;
};

/// A prepared statement, used again and again.
///
///     auto find = db.prepare("SELECT title FROM feeds WHERE id = ?");
///     for (find.run(id); find.next();)
///         std::cout << find.text(0) << '\n';
///
/// Throws: `error`, from all members.
class statement {
public:
    /// Binds `values` in order and starts anew. An empty optional binds NULL.
    template <class... Values>
    statement& run(const Values&... values)
    {
        reset();
        int index = 0;
        (bind(++index, values), ...);
        return *this;
    }

    /// Binds one value, for statements whose number of values is known only when they run.
    template <class Value>
    void set(int index, const Value& value)
    {
        bind(index, value);
    }

    /// Runs one that gives no rows.
    template <class... Values>
    void execute(const Values&... values)
    {
        run(values...);
        (void)next();
        reset();
    }

    /// Moves to the next row; false if there is none, and then the statement is reset.
    [[nodiscard]] bool next();

    /// Leaves the row it stands at. A statement at a row keeps its read transaction open.
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::string text(int column) const; ///< also of a BLOB; empty for NULL
    [[nodiscard]] bool is_null(int column) const;

private:
    friend class database;
    struct finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };

    explicit statement(sqlite3_stmt* handle) : handle_(handle) {}
    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
    void bind(int index, const char* value) { bind(index, std::string_view(value)); }
    void bind(int index, blob value);
    void bind(int index, std::optional<std::int64_t> value);

    std::unique_ptr<sqlite3_stmt, finalize> handle_;
};

enum class access { read_only, read_write };

/// A connection to one database file. One thread uses it.
class database {
public:
    database(const std::filesystem::path& file, access how);

    /// Runs a script of statements that give no rows of interest.
    void execute(const char* script);
    [[nodiscard]] statement prepare(std::string_view sql);
    /// The only value of the only row that `sql` gives.
    [[nodiscard]] std::int64_t single_integer(std::string_view sql);

    /// How many rows the last INSERT, UPDATE or DELETE touched.
    [[nodiscard]] std::int64_t changes() const;
    [[nodiscard]] std::int64_t last_row() const;

private:
    struct close {
        void operator()(sqlite3* connection) const noexcept;
    };

    std::unique_ptr<sqlite3, close> connection_;
};

/// All or nothing: what is done while it lives is undone unless it is committed.
class transaction {
public:
    explicit transaction(database& db);
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    void commit();

private:
    database& db_;
    bool open_ = true;
};

} // namespace rssmania::sqlite
