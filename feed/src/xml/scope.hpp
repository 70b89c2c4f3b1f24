#pragma once

#include "xml/names.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "arena.hpp"

namespace feed::detail {

/// What a qualified name means where it stands.
struct name_meaning {
    std::string_view raw;    ///< as written: `itunes:Summary`
    std::string_view prefix; ///< the usual one of its namespace, else as written; empty for none
    std::string_view local;  ///< in lower case
    std::string_view uri;    ///< of its namespace; null if undeclared
    space where = space::core;
    tag kind = tag::unknown;
    bool declared = true;
};

/// The namespace declarations that are in force, and what names mean under them. A name is looked up in full once, then
/// remembered until a declaration changes.
class scope {
public:
    explicit scope(arena& memory) : memory_(memory) {}

    /// Takes one declaration, made by an element at `depth`; `prefix` is empty for the default namespace.
    void declare(std::string_view prefix, std::string_view uri, std::size_t depth);
    /// Forgets the declarations made at `depth` or deeper.
    void leave(std::size_t depth);

    [[nodiscard]] const name_meaning& element(std::string_view raw);
    /// The name of an attribute as handlers know it: lower case, the usual prefix before it. `declared` turns false if
    /// its prefix isn't.
    [[nodiscard]] std::string_view attribute(std::string_view raw, bool& declared);

    struct declaration {
        std::string_view prefix;
        std::string_view uri;
        const known_namespace* known;
        std::size_t depth;
    };
    /// All declarations ever made, each prefix and address once, in order.
    [[nodiscard]] const std::vector<declaration>& history() const noexcept { return history_; }

private:
    [[nodiscard]] const declaration* find(std::string_view prefix) const noexcept;
    [[nodiscard]] name_meaning resolve(std::string_view raw);
    [[nodiscard]] std::string_view lowered(std::string_view text);

    static constexpr std::size_t slots = 256;
    static constexpr std::size_t few_slots = 32;

    /// Room for a meaning, which need not be made before it is known: most documents are shorter than all of them.
    struct room {
        alignas(name_meaning) std::byte bytes[sizeof(name_meaning)];
    };

    arena& memory_;
    std::vector<declaration> declarations_;
    std::vector<declaration> history_;
    std::uint32_t version_ = 1; // of the declarations; what was remembered under another is stale
    std::unique_ptr<room[]> meanings_ = std::make_unique_for_overwrite<room[]>(slots);
    std::array<std::uint32_t, slots> versions_{}; // of what is remembered in each slot; 0 if nothing is
    std::array<std::pair<std::string_view, std::string_view>, few_slots>
        lowered_; // attribute names as written, in lower case
};

} // namespace feed::detail
