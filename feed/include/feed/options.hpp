#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace feed {

/// How far a document may go before reading of it is cut short, with a problem noted. Time and memory stay linear in
/// the size of the document whatever these say; they are there so that a hostile one costs little.
struct limits {
    std::size_t document = std::size_t{64} << 20; ///< bytes; what follows is not read
    std::size_t text = std::size_t{8} << 20;      ///< bytes of one text; what follows is cut off
    std::uint32_t depth = 256;                    ///< elements within elements; deeper ones are flattened
    std::uint32_t attributes = 256;               ///< attributes of one element; the rest is dropped
    std::uint32_t name = 1024;                    ///< bytes of the name of an element or attribute
    std::uint32_t entries = 10'000;               ///< entries; the first ones (the newest, as feeds are written) stay
    std::uint32_t values = 10'000;                ///< links, categories, people... of one entry, each
    std::uint32_t expansion = 1U << 20;           ///< bytes that entities declared by the document may add to it
    std::uint32_t problems = 100;                 ///< problems that are told one by one; all are counted
};

/// Which markup may stay when a text is sanitised.
enum class markup_policy {
    /// What an article needs: no forms, styles, SVG, MathML, identifiers; links open no doors. What is opened is
    /// closed.
    strict,
    /// What Python's feedparser lets through, without its holes: also forms, styles, SVG and MathML. Tags come out as
    /// they
    /// stood, so that a text may leave an element open, or close one of the page around it.
    compatible
};

/// What `feed::parse` should know and do. The default suits a document about which nothing is known.
///
///     auto document = feed::parse(bytes, {.content_type = "text/xml; charset=koi8-r", .base_uri =
///     "http://e.org/feed"});
struct options {
    /// The media type that came with the document, as in the HTTP header `Content-Type`; empty if there was none.
    std::string_view content_type = {};
    /// Where the document was read from: relative addresses are relative to it (or to `xml:base`, where given).
    std::string_view base_uri = {};
    /// The HTTP headers `Content-Location` and `Content-Language`; empty if there was none.
    std::string_view content_location = {};
    std::string_view content_language = {};
    /// Whether the document came with HTTP headers: then a missing or unsuitable media type is a problem.
    bool over_http = false;
    /// Whether markup is cleaned of all that could run, phone home or break a page. Without it, only show texts as
    /// text.
    bool sanitise = true;
    markup_policy markup = markup_policy::strict;
    /// Whether relative addresses inside markup are made absolute (those of links and images always are).
    bool resolve_markup = true;
    limits limit = {};
};

} // namespace feed
