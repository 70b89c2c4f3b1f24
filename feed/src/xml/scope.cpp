#include "xml/scope.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <new>
#include <type_traits>

namespace feed::detail {

namespace {

std::size_t slot_of(std::string_view name, std::size_t slots) noexcept
{
    // Names of a feed differ in length and at these places; four bytes are enough.
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
    if (name.empty())
        return 0;
    const std::size_t mixed =
        name.size() * 0x9E37U + byte(0) * 0x85EBU + byte(name.size() - 1) * 0xC2B3U + byte(name.size() / 2) * 0x27D5U;
    return (mixed ^ (mixed >> 7)) % slots;
}

} // namespace

void scope::declare(std::string_view prefix, std::string_view uri, std::size_t depth)
{
    constexpr std::size_t most = 4096; // declarations in force at once; no honest document comes near
    if (declarations_.size() >= most)
        return;
    const declaration made{prefix, uri, uri.empty() ? nullptr : find_namespace(uri), depth};
    declarations_.push_back(made);
    ++version_;
    constexpr std::size_t remembered_most = 64;
    const auto same = [&](const declaration& each) { return each.prefix == prefix && each.uri == uri; };
    if (history_.size() < remembered_most && std::none_of(history_.begin(), history_.end(), same))
        history_.push_back(made);
}

void scope::leave(std::size_t depth)
{
    if (declarations_.empty() || declarations_.back().depth < depth)
        return;
    while (!declarations_.empty() && declarations_.back().depth >= depth)
        declarations_.pop_back();
    ++version_;
}

const scope::declaration* scope::find(std::string_view prefix) const noexcept
{
    for (auto at = declarations_.rbegin(); at != declarations_.rend(); ++at)
        if (at->prefix == prefix)
            return &*at;
    return nullptr;
}

std::string_view scope::lowered(std::string_view text)
{
    if (std::none_of(text.begin(), text.end(), is_upper))
        return text;
    return memory_.copy(lower(text));
}

name_meaning scope::resolve(std::string_view raw)
{
    name_meaning result;
    result.raw = raw;
    const std::size_t colon = raw.find(':');
    const bool prefixed = colon != std::string_view::npos && colon != 0;
    const std::string_view prefix = prefixed ? raw.substr(0, colon) : std::string_view();
    result.local = lowered(prefixed ? raw.substr(colon + 1) : raw);
    const declaration* found = find(prefix);
    const known_namespace* known = nullptr;
    if (found != nullptr) {
        result.uri = found->uri;
        known = found->known;
        result.where = known ? known->kind : found->uri.empty() ? space::core : space::unknown;
    } else if (prefixed) {
        known = find_usual_prefix(prefix);
        result.declared = prefix == "xml";
        result.where = known ? known->kind : space::unknown;
    }
    result.prefix = known ? known->prefix : lowered(prefix);
    result.kind = find_element(result.where, result.local);
    // A default namespace that nobody knows is no reason to lose a feed: some invent one for RSS.
    if (result.where == space::unknown && !prefixed) {
        result.where = space::core;
        result.kind = find_element(space::core, result.local);
    }
    return result;
}

const name_meaning& scope::element(std::string_view raw)
{
    static_assert(std::is_trivially_destructible_v<name_meaning>);
    const std::size_t slot = slot_of(raw, slots);
    auto* const known = std::launder(reinterpret_cast<name_meaning*>(meanings_[slot].bytes));
    if (versions_[slot] == version_ && known->raw == raw)
        return *known;
    versions_[slot] = version_;
    return *new (meanings_[slot].bytes) name_meaning(resolve(raw));
}

std::string_view scope::attribute(std::string_view raw, bool& declared)
{
    const std::size_t colon = raw.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        if (std::none_of(raw.begin(), raw.end(), is_upper))
            return raw;
        auto& slot = lowered_[slot_of(raw, few_slots)];
        if (slot.first != raw)
            slot = {raw, memory_.copy(lower(raw))};
        return slot.second;
    }
    const std::string_view prefix = raw.substr(0, colon);
    const declaration* found = find(prefix);
    if (found == nullptr && prefix != "xml")
        declared = false;
    const known_namespace* known = found ? found->known : find_usual_prefix(prefix);
    if (known == nullptr || known->prefix == prefix)
        return lowered(raw);
    std::string name;
    if (!known->prefix.empty())
        name.append(lower(known->prefix)).push_back(':');
    name.append(lower(raw.substr(colon + 1)));
    return memory_.copy(name);
}

} // namespace feed::detail
