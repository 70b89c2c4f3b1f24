#pragma once

#include <feed/options.hpp>

#include <string>
#include <string_view>

namespace feed::detail {

struct cleaning {
    markup_policy policy = markup_policy::strict;
    std::string_view base = {};
    bool xhtml = false;
    bool sanitise = true;
};

/// What `feed::sanitise_html` does, into a string that the caller may use again.
void clean_markup(std::string_view html, const cleaning& how, std::string& to);

/// The style declarations in `style` that can only change how a text looks; empty if any of it is out of the ordinary.
[[nodiscard]] std::string clean_style(std::string_view style, bool in_svg);

} // namespace feed::detail
