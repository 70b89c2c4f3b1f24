#pragma once

#include <feed/element.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// Media RSS: pictures, recordings and films, and what is said of them.
namespace feed {

/// An element of Media RSS with its attributes and text: `media:thumbnail`, `media:credit`, `media:rating`...
struct media_item {
    list<attribute> attributes;
    std::string_view text;
    /// The value of the attribute of that name; null if it has none.
    [[nodiscard]] std::string_view value_of(std::string_view attribute_name) const noexcept;
};

/// One file to see or hear, a `media:content`. Where it says nothing itself, what its `media:group` says counts.
struct media_object {
    std::string_view url; ///< absolute, where the base was known
    std::string_view type;
    std::string_view medium;     ///< `image`, `audio`, `video`, `document`, `executable`
    std::string_view expression; ///< `sample`, `full`, `nonstop`
    std::string_view language;
    std::optional<std::int64_t> size; ///< in bytes
    std::optional<std::int64_t> width;
    std::optional<std::int64_t> height;
    std::optional<std::int64_t> bit_rate; ///< in kilobits a second
    std::optional<std::chrono::seconds> duration;
    bool is_default = false;
    std::string_view title;
    std::string_view description; ///< as written: it may be markup, and is not sanitised
    std::string_view keywords;
    list<media_item> thumbnails;
    list<media_item> credits;
    std::uint32_t group = 0; ///< of those that are one thing in several forms, from 1; 0 stands alone
    element source;          ///< the element itself, with all else that it says
};

/// All that Media RSS says in a feed or an entry.
///
/// `objects` has the files, one by one, groups told apart; the lists after it have the elements of each kind, in
/// document order, wherever they stand. Everything, groups too, is also a tree in `extensions`.
struct media {
    list<media_object> objects;
    list<media_item> contents;
    list<media_item> thumbnails;
    list<media_item> credits;
    list<media_item> players;
    list<media_item> ratings;
    list<media_item> restrictions;
    list<media_item> licenses;
    std::uint32_t groups = 0; ///< how many groups there are
};

} // namespace feed
