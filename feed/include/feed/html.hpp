#pragma once

#include <feed/options.hpp>

#include <string>
#include <string_view>

namespace feed {

/// How markup is cleaned.
struct sanitise_options {
    markup_policy policy = markup_policy::strict;
    /// What relative addresses are relative to; empty leaves them as they are.
    std::string_view base_uri = {};
    /// Whether the markup is XHTML: `<b/>` is then an empty element.
    bool xhtml = false;
    bool sanitise = true; ///< off: only addresses are resolved, everything stays
};

/// Markup from which everything has gone that could run or phone home and, with the strict policy, that could break the
/// page around it. The result is canonical: lower case, attributes sorted and quoted; sanitising it again changes
/// nothing. It never ends within a tag.
[[nodiscard]] std::string sanitise_html(std::string_view html, const sanitise_options& how = {});

/// Markup as plain text on one line: without tags, entities replaced, runs of white space made one blank.
[[nodiscard]] std::string html_to_text(std::string_view html);

/// How markup is laid out for a terminal.
struct render_options {
    std::size_t width = 78; ///< columns; 0 does not wrap
    bool links = true;      ///< number links, and list their addresses at the end
};

/// Markup as text for a terminal: paragraphs, lists with their marks, quotes with bars, links numbered. No control
/// character comes out but line ends.
[[nodiscard]] std::string render_html(std::string_view html, const render_options& how = {});

} // namespace feed
