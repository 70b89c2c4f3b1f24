#pragma once

#include <feed/element.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// What podcasts say: Apple's `itunes:*` and the open namespace `podcast:*`. Texts, people, categories and pictures of
/// `itunes:*` stand in the fields that all feeds have. Every element is also in `extensions`, as a tree.
namespace feed {

/// `podcast:transcript`
struct transcript {
    std::string_view url;
    std::string_view type;
    std::string_view language;
    std::string_view rel; ///< `captions`: with times
};

/// `podcast:person`: somebody who is heard or at work in it.
struct podcast_person {
    std::string_view name;
    std::string_view role = "host";
    std::string_view group = "cast";
    std::string_view href;
    std::string_view image;
};

/// `podcast:soundbite`: a stretch of an episode that stands for it.
struct soundbite {
    std::optional<std::chrono::milliseconds> start;
    std::optional<std::chrono::milliseconds> duration;
    std::string_view title;
};

/// `podcast:funding`
struct funding {
    std::string_view url;
    std::string_view message;
};

/// `podcast:location`
struct podcast_location {
    std::string_view name;
    std::string_view rel;     ///< `subject` or `creator`
    std::string_view geo;     ///< a `geo:` address (RFC 5870), without scheme or with
    std::string_view osm;     ///< an object of OpenStreetMap
    std::string_view country; ///< two letters
};

/// A party of a `podcast:value`.
struct value_recipient {
    std::string_view name;
    std::string_view type;
    std::string_view address;
    std::string_view custom_key;
    std::string_view custom_value;
    std::optional<std::int64_t> split;
    bool fee = false;
};

/// `podcast:value`: how listeners may pay while they listen.
struct value_block {
    std::string_view type;
    std::string_view method;
    std::string_view suggested;
    list<value_recipient> recipients;
};

/// Where a `podcast:alternateEnclosure` can be had.
struct enclosure_source {
    std::string_view uri;
    std::string_view type;
};

/// `podcast:alternateEnclosure`: the same in another form.
struct alternate_enclosure {
    std::string_view type;
    std::string_view title;
    std::string_view language;
    std::string_view rel;
    std::string_view codecs;
    std::optional<std::int64_t> length;
    std::optional<double> bit_rate; ///< in bits a second
    std::optional<std::int64_t> height;
    bool is_default = false;
    list<enclosure_source> sources;
    std::string_view integrity_type; ///< `sri`, `pgp-signature`
    std::string_view integrity;
};

/// `podcast:trailer`
struct trailer {
    std::string_view title;
    std::string_view url;
    std::string_view type;
    std::optional<std::int64_t> length;
    std::optional<std::int64_t> season;
    std::optional<std::chrono::sys_seconds> published;
    std::string_view published_text;
};

/// `podcast:socialInteract`: where it is talked about.
struct social_interaction {
    std::string_view protocol;
    std::string_view uri;
    std::string_view account_id;
    std::string_view account_url;
    std::optional<std::int64_t> priority;
};

/// `podcast:remoteItem`: a feed or an episode elsewhere.
struct remote_item {
    std::string_view feed_guid;
    std::string_view feed_url;
    std::string_view item_guid;
    std::string_view medium;
    std::string_view title;
};

/// `podcast:liveItem`: something that goes out now, or will.
struct live_item {
    std::string_view status; ///< `pending`, `live`, `ended`
    std::optional<std::chrono::sys_seconds> start;
    std::optional<std::chrono::sys_seconds> end;
    std::string_view title;
    std::string_view link;
    std::string_view guid;
    std::string_view enclosure_url;
    std::string_view enclosure_type;
    element source; ///< the element itself, with all else that it says
};

/// `podcast:txt`: words for programs.
struct podcast_text {
    std::string_view purpose;
    std::string_view value;
};

/// `podcast:block`: where it is not to be listed; without `id`, nowhere.
struct podcast_block {
    std::string_view id;
    bool blocked = false;
};

/// A picture of `podcast:images` or `podcast:image`.
struct podcast_image {
    std::string_view url;
    std::optional<std::int64_t> width;
    std::string_view purpose;
    std::string_view alternative; ///< what it shows, in words
};

/// All that is said of a feed or an entry as a podcast.
struct podcast {
    // itunes:*
    std::optional<bool> is_explicit;
    bool explicit_given = false; ///< `itunes:explicit` is there, whatever it says
    std::optional<bool> block;
    std::optional<bool> complete;  ///< no more episodes will come
    std::string_view owner;        ///< who runs it, as one would print it, if no author is named after that
    std::string_view kind;         ///< `itunes:type`: `episodic`, `serial`
    std::string_view episode_kind; ///< `itunes:episodeType`: `full`, `trailer`, `bonus`
    std::string_view new_feed_url;
    std::optional<std::chrono::seconds> duration; ///< `3600`, `60:00`, `1:00:00`
    std::optional<std::int64_t> order;

    // Of both.
    std::optional<std::int64_t> season;
    std::string_view season_name;
    std::optional<double> episode;
    std::string_view episode_name; ///< `podcast:episode display`

    // podcast:*
    std::string_view guid;   ///< of the podcast, wherever its feed lies
    std::string_view medium; ///< `podcast`, `music`, `video`...
    std::optional<bool> locked;
    std::string_view locked_owner;
    std::string_view license;
    std::string_view license_url;
    std::string_view chapters_url;
    std::string_view chapters_type;
    std::string_view update_frequency; ///< in words
    std::string_view update_rule;      ///< as RFC 5545 writes it
    std::optional<bool> uses_podping;
    list<transcript> transcripts;
    list<podcast_person> persons;
    list<soundbite> soundbites;
    list<funding> fundings;
    list<podcast_location> locations;
    list<value_block> values;
    list<alternate_enclosure> alternate_enclosures;
    list<trailer> trailers;
    list<social_interaction> social_interactions;
    list<remote_item> remote_items; ///< `podcast:podroll` and `podcast:publisher` too
    list<live_item> live_items;
    list<podcast_text> texts;
    list<podcast_block> blocks;
    list<podcast_image> images;
};

} // namespace feed
