#pragma once

#include <toml++/toml.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// What is wrong with a document, collected: a person mends all of it at once.
class complaints {
public:
    explicit complaints(std::string name) : name_(std::move(name)) {}

    void add(const toml::source_region& where, const std::string& what);
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string name_;
    std::string text_;
};

/// A table of a TOML document, read value by value with the types that are wanted. A value of another type is a
/// complaint; so is, at the end, every name that nobody asked for.
///
///     table_reader news(*document["news"].as_table(), wrong);
///     news.take("updates", result.updates);
///     news.end();
class table_reader {
public:
    table_reader(const toml::table& table, complaints& wrong) : table_(table), wrong_(wrong) {}

    void take(const char* name, bool& into);
    void take(const char* name, std::string& into);
    void take(const char* name, std::int64_t& into, std::int64_t least);
    void take(const char* name, std::optional<std::int64_t>& into, std::int64_t least);
    void take(const char* name, std::vector<std::string>& into); ///< one string is a list of one
    void take(const char* name, std::optional<std::chrono::milliseconds>& into);
    void take(const char* name, std::optional<std::chrono::seconds>& into);
    void take_size(const char* name, std::optional<std::uint64_t>& into);

    /// Calls `read` for the table called `name`, if there is one; of `each_table`, for each of an array of tables.
    void table(const char* name, const std::function<void(table_reader&)>& read);
    void each_table(const char* name, const std::function<void(table_reader&)>& read);

    [[nodiscard]] bool has(const char* name) const { return table_.contains(name); }
    void complain(const std::string& what) { wrong_.add(table_.source(), what); }
    void complain(const char* name, const std::string& what);

    void end();

private:
    [[nodiscard]] const toml::node* find(const char* name);
    [[nodiscard]] std::optional<std::string> text(const char* name);
    [[nodiscard]] std::optional<std::int64_t> number(const char* name, std::int64_t least);
    [[nodiscard]] std::optional<std::chrono::milliseconds> time(const char* name);
    void wants(const toml::node& value, const char* name, const char* what);

    const toml::table& table_;
    complaints& wrong_;
    std::set<std::string, std::less<>> asked_;
};

} // namespace rssmania
