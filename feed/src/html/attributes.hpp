#pragma once

#include "html/sanitiser.hpp"
#include "html/tokenizer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

struct clean_attribute {
    std::string name;
    std::string value; // escaped
    bool operator<(const clean_attribute& other) const { return name < other.name; }
};

/// What stands for an element in the result, and so which attributes it may have.
enum class vocabulary { none, html, math, svg };

/// Chooses the attributes that an element keeps, and writes their values so that no browser sees in them what was not
/// looked at: addresses resolved and checked, style cut down, quotes and brackets escaped.
class attribute_filter {
public:
    attribute_filter(const cleaning& how, bool in_svg, bool in_math) : how_(how), in_svg_(in_svg), in_math_(in_math) {}

    /// The attributes of `token` that stay, sorted by name.
    [[nodiscard]] std::vector<clean_attribute> filter(const html_token& token, vocabulary kind);
    /// `value` with its references replaced: what a browser sees.
    [[nodiscard]] static std::string unescaped(std::string_view value);
    /// Adds an attribute unless there is one of that name: the first one counts, as in browsers.
    static void set(std::vector<clean_attribute>& in, std::string_view name, std::string value);
    /// `value` as it may stand between double quotes. References stay; an `&` that starts none is escaped.
    [[nodiscard]] static std::string escape(std::string_view value);

private:
    [[nodiscard]] bool strict() const noexcept { return how_.sanitise && how_.policy == markup_policy::strict; }

    [[nodiscard]] bool allows(vocabulary kind, std::string_view& name) const;
    [[nodiscard]] bool take_address(const std::string& element, const std::string& name, std::string& value);
    [[nodiscard]] bool is_hidden_scheme(std::string_view seen) const;
    [[nodiscard]] static bool is_picture_data(std::string_view element, std::string_view name, std::string_view seen);
    void add_namespaces(const html_token& token, vocabulary kind, bool links,
                        std::vector<clean_attribute>& result) const;
    static std::size_t escape_ampersand(std::string& to, std::string_view value);
    [[nodiscard]] static bool is_reference(std::string_view text) noexcept;

    const cleaning& how_;
    bool in_svg_;
    bool in_math_;
};

} // namespace feed::detail
