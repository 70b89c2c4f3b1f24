#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// `parse` as a command: what `rssmania parse` and the developer's `feedtool` share.
namespace feed_command {

/// What is known about the bytes of a feed: HTTP headers, names in lower case, and `url` for where they came from.
using headers = std::vector<std::pair<std::string, std::string>>;

/// A header as `name: value`; nothing if it is none.
[[nodiscard]] std::optional<std::pair<std::string, std::string>> read_header(std::string_view line);

/// The feed in `bytes` as one line of JSON in the shape of Python's feedparser. For an HTML page it also has
/// `discovered`: the feeds that the page names.
[[nodiscard]] std::string parse_to_json(std::string bytes, const headers& about);

/// The feed in `bytes` for people: what it is, what it is called, its entries.
[[nodiscard]] std::string summarise(std::string bytes, const headers& about);

/// What was wrong with the feed in `bytes`, where, what was done about it, and how to mend it; what its format demands
/// and it lacks among it.
[[nodiscard]] std::string explain(std::string bytes, const headers& about);

/// All that comes from `in`, of which `expected` bytes are; nothing if it cannot be read to its end.
[[nodiscard]] std::optional<std::string> read_to_end(std::istream& in, std::size_t expected = 0);

/// All that is in the file, pipe or device at `path`; nothing if it cannot be read.
[[nodiscard]] std::optional<std::string> read_whole_file(const std::string& path);

/// How the bytes of a file are got; nothing if it cannot be read.
using read_file = std::function<std::optional<std::string>(const std::string& path)>;

/// Answers each line `PATH [TAB name: value]...` of `in` with one line of JSON on `out`, at once. What cannot be read
/// is answered with a feed that is no feed.
void answer_batch(std::istream& in, std::ostream& out, const read_file& read);

} // namespace feed_command
