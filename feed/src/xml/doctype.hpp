#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace feed::detail {

/// How long the document type declaration is that `text` starts with, its internal subset included. `whole` is set to
/// whether it ends as it should.
[[nodiscard]] std::size_t measure_doctype(std::string_view text, bool* whole = nullptr) noexcept;

/// The entities that a document declares for itself. Only those count whose value is text or one character reference:
/// entities within entities are how a small document makes a big one, and external ones how it reads files.
class entity_declarations {
public:
    explicit entity_declarations(std::size_t budget) : budget_(budget) {}

    /// Takes what a document type declares. False if it does not follow the grammar.
    bool read(std::string_view doctype);

    /// The value of `name`; nothing if it is not declared, or all expansions together would grow too large.
    [[nodiscard]] std::optional<std::string_view> expansion(std::string_view name);

    /// Whether it is Netscape's document type for RSS 0.91.
    [[nodiscard]] bool is_netscape() const noexcept { return netscape_; }

private:
    bool read_subset(std::string_view subset);
    void take_entity(std::string_view declaration);

    std::map<std::string, std::string_view, std::less<>> values_;
    std::size_t budget_;
    bool netscape_ = false;
};

} // namespace feed::detail
