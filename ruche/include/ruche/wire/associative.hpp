#pragma once

#include <ruche/wire/packs.hpp>
#include <ruche/wire/sequences.hpp>

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

/// Sets and maps: a count, then the elements in the order in which they stand. Order and hash are types, so nothing of
/// them travels; a key that is there twice where it may not be is refused.
namespace ruche::wire {

/// A comparator or hash that the reader can make anew.
template <class Function>
inline constexpr bool stateless_function = std::is_empty_v<Function>&& std::is_default_constructible_v<Function>;

/// What a node costs beside its element.
inline constexpr std::size_t node_room = 4 * sizeof(void*);

template <class Set, bool Unique, bool Hashed>
struct set_form : sequence_form<typename Set::key_type> {
    using key = typename Set::key_type;
    static constexpr std::string_view tag = "set";
    static std::byte* put(std::byte* at, sink& out, const Set& set)
    {
        return put_elements<key>(at, out, set, set.size());
    }
    static Set get(const std::byte*& at, source& in)
    {
        const std::size_t count = get_element_count<key>(at, in, sizeof(key) + node_room);
        Set set;
        if constexpr (Hashed)
            set.reserve(count);
        get_elements<key>(at, in, count, [&](key&& element) { set.insert(set.end(), std::move(element)); });
        if (Unique && set.size() != count)
            in.fail_at(at, "a key is there twice");
        return set;
    }
};

template <class Map, bool Unique, bool Hashed>
struct map_form : any_form {
    using key = typename Map::key_type;
    using mapped = typename Map::mapped_type;
    using parts = types<key, mapped>;
    static constexpr std::array<std::string_view, 2> steps{"[key]", "[]"};
    static constexpr std::string_view tag = "map";
    static constexpr std::size_t least = 4;
    static constexpr std::size_t weight = apart;

    static std::byte* put(std::byte* at, sink& out, const Map& map)
    {
        at = put_count(out.room(at, count_room), map.size());
        for (const auto& [first, second] : map)
            at = put_all<key, mapped>(at, out, first, second);
        return at;
    }
    static Map get(const std::byte*& at, source& in)
    {
        const std::size_t least_pair = form<key>::least + form<mapped>::least;
        const std::size_t count = get_count(at, in, least_pair, sizeof(key) + sizeof(mapped) + node_room);
        Map map;
        if constexpr (Hashed)
            map.reserve(count);
        std::size_t i = 0;
        try {
            for (; i != count; ++i) {
                key first = get_part<key>(at, in);
                map.emplace_hint(map.end(), std::move(first), get_part<mapped>(at, in));
            }
        } catch (const bad_message& error) {
            rethrow_at(error, i);
        }
        if (Unique && map.size() != count)
            in.fail_at(at, "a key is there twice");
        return map;
    }
};

template <class Key, class Compare, class Allocator>
requires(stateless_function<Compare>&& stateless<Allocator>) struct form<std::set<Key, Compare, Allocator>>
    : set_form<std::set<Key, Compare, Allocator>, true, false> {
};
template <class Key, class Compare, class Allocator>
requires(stateless_function<Compare>&& stateless<Allocator>) struct form<std::multiset<Key, Compare, Allocator>>
    : set_form<std::multiset<Key, Compare, Allocator>, false, false> {
};
template <class Key, class Hash, class Equal, class Allocator>
requires(stateless_function<Hash>&& stateless_function<Equal>&&
             stateless<Allocator>) struct form<std::unordered_set<Key, Hash, Equal, Allocator>>
    : set_form<std::unordered_set<Key, Hash, Equal, Allocator>, true, true> {
};
template <class Key, class Hash, class Equal, class Allocator>
requires(stateless_function<Hash>&& stateless_function<Equal>&&
             stateless<Allocator>) struct form<std::unordered_multiset<Key, Hash, Equal, Allocator>>
    : set_form<std::unordered_multiset<Key, Hash, Equal, Allocator>, false, true> {
};
template <class Key, class Mapped, class Compare, class Allocator>
requires(stateless_function<Compare>&& stateless<Allocator>) struct form<std::map<Key, Mapped, Compare, Allocator>>
    : map_form<std::map<Key, Mapped, Compare, Allocator>, true, false> {
};
template <class Key, class Mapped, class Compare, class Allocator>
requires(stateless_function<Compare>&& stateless<Allocator>) struct form<std::multimap<Key, Mapped, Compare, Allocator>>
    : map_form<std::multimap<Key, Mapped, Compare, Allocator>, false, false> {
};
template <class Key, class Mapped, class Hash, class Equal, class Allocator>
requires(stateless_function<Hash>&& stateless_function<Equal>&&
             stateless<Allocator>) struct form<std::unordered_map<Key, Mapped, Hash, Equal, Allocator>>
    : map_form<std::unordered_map<Key, Mapped, Hash, Equal, Allocator>, true, true> {
};
template <class Key, class Mapped, class Hash, class Equal, class Allocator>
requires(stateless_function<Hash>&& stateless_function<Equal>&&
             stateless<Allocator>) struct form<std::unordered_multimap<Key, Mapped, Hash, Equal, Allocator>>
    : map_form<std::unordered_multimap<Key, Mapped, Hash, Equal, Allocator>, false, true> {
};

} // namespace ruche::wire
