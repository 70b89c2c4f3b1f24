#pragma once

#include <feed/options.hpp>

#include <string_view>

namespace feed::detail {

/// What the policies of the sanitiser allow. Names are in lower case.
[[nodiscard]] bool is_compatible_element(std::string_view name) noexcept;
[[nodiscard]] bool is_strict_element(std::string_view name) noexcept;
[[nodiscard]] bool is_compatible_attribute(std::string_view name) noexcept;
[[nodiscard]] bool is_strict_attribute(std::string_view name) noexcept;
/// Elements whose contents go with them.
[[nodiscard]] bool is_dropped_whole(std::string_view name, markup_policy policy) noexcept;
/// Elements that have no contents and no end tag.
[[nodiscard]] bool is_void_element(std::string_view name) noexcept;
/// Elements whose contents are not markup for a browser.
[[nodiscard]] bool is_raw_text_element(std::string_view name) noexcept;
/// Whether this attribute of this element is an address.
[[nodiscard]] bool is_address(std::string_view element, std::string_view attribute) noexcept;

/// The name as MathML or SVG spells it, letter case included; empty if the sanitiser does not let it through.
[[nodiscard]] bool is_math_element(std::string_view name) noexcept;
[[nodiscard]] bool is_math_attribute(std::string_view name) noexcept;
[[nodiscard]] std::string_view find_svg_element(std::string_view name) noexcept;
[[nodiscard]] std::string_view find_svg_attribute(std::string_view name) noexcept;

[[nodiscard]] bool is_css_property(std::string_view name) noexcept;
[[nodiscard]] bool is_css_keyword(std::string_view value) noexcept;
[[nodiscard]] bool is_svg_property(std::string_view name) noexcept;

} // namespace feed::detail
