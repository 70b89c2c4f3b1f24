#include "html/strict_rules.hpp"

#include "text/ascii.hpp"
#include "uri.hpp"

#include <algorithm>

namespace feed::detail {

namespace {

bool is_tiny(std::string_view size)
{
    size = trim(size);
    return size == "1" || size == "0" || size == "1px" || size == "0px";
}

} // namespace

void close_doors(std::vector<clean_attribute>& of_link)
{
    attribute_filter::set(of_link, "referrerpolicy", "no-referrer");
    attribute_filter::set(of_link, "rel", "noopener noreferrer nofollow");
    attribute_filter::set(of_link, "target", "_blank");
    std::sort(of_link.begin(), of_link.end());
}

bool is_shown(const std::vector<clean_attribute>& of_picture)
{
    const auto src = std::find_if(of_picture.begin(), of_picture.end(), [](const auto& a) { return a.name == "src"; });
    if (src == of_picture.end())
        return true;
    const std::string scheme = lower(split_uri(attribute_filter::unescaped(src->value)).scheme);
    return !src->value.empty() && (scheme.empty() || scheme == "http" || scheme == "https" || scheme == "data");
}

bool is_tracker(const std::vector<clean_attribute>& of_picture)
{
    return is_tiny(written_value(of_picture, "width")) && is_tiny(written_value(of_picture, "height"));
}

std::string_view written_value(const std::vector<clean_attribute>& of, std::string_view name)
{
    const auto found = std::find_if(of.begin(), of.end(), [&](const auto& each) { return each.name == name; });
    return found != of.end() ? std::string_view(found->value) : std::string_view();
}

} // namespace feed::detail
