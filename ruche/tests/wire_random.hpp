#pragma once

#include <ruche/wire.hpp>

#include <array>
#include <bitset>
#include <chrono>
#include <complex>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

/// Random values of every kind that can be sent, and types that hold all kinds in one another.
namespace wire_random {

class generator {
public:
    explicit generator(std::uint64_t seed) : random_(seed) {}

    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    /// A value of any kind; `room` says how deep more may lie in it.
    template <class T>
    T make(unsigned room = 3);

private:
    std::mt19937_64 random_;
};

template <class T>
struct random_value;

template <>
struct random_value<std::monostate> {
    static std::monostate make(generator&, unsigned) { return {}; }
};

template <class T>
T generator::make(unsigned room)
{
    return random_value<T>::make(*this, room);
}

template <class T>
requires std::is_arithmetic_v<T>
struct random_value<T> {
    static T make(generator& g, unsigned)
    {
        const auto bits = g.below(std::numeric_limits<std::uint64_t>::max());
        switch (g.below(5)) {
        case 0:
            return std::numeric_limits<T>::max();
        case 1:
            return std::numeric_limits<T>::lowest();
        case 2:
            return T(1);
        default:
            return static_cast<T>(static_cast<std::int64_t>(bits >> g.below(64)));
        }
    }
};
template <>
struct random_value<bool> {
    static bool make(generator& g, unsigned) { return g.below(2) == 1; }
};

template <class T>
requires std::is_enum_v<T>
struct random_value<T> {
    static T make(generator& g, unsigned) { return static_cast<T>(g.below(2)); }
};

template <>
struct random_value<std::string> {
    static std::string make(generator& g, unsigned)
    {
        std::string text(g.below(g.below(4) == 0 ? 100 : 20), ' ');
        for (char& letter : text)
            letter = static_cast<char>(g.below(256));
        return text;
    }
};
template <>
struct random_value<std::filesystem::path> {
    static std::filesystem::path make(generator& g, unsigned) { return "a/" + std::to_string(g.below(1000)); }
};
template <>
struct random_value<std::error_code> {
    static std::error_code make(generator& g, unsigned)
    {
        return {static_cast<int>(g.below(100)), std::generic_category()};
    }
};

/// Containers: some elements, none where it is deep already.
template <class Container, class Element>
struct random_container {
    static Container make(generator& g, unsigned room)
    {
        Container all;
        for (auto i = room == 0 ? 0 : g.below(g.below(8) == 0 ? 40 : 5); i != 0; --i)
            all.insert(all.end(), g.make<Element>(room - 1));
        return all;
    }
};
template <class T>
struct random_value<std::vector<T>> : random_container<std::vector<T>, T> {};
template <class T>
struct random_value<std::deque<T>> : random_container<std::deque<T>, T> {};
template <class T>
struct random_value<std::list<T>> : random_container<std::list<T>, T> {};
template <class T>
struct random_value<std::set<T>> : random_container<std::set<T>, T> {};
template <class K, class V>
struct random_value<std::map<K, V>> : random_container<std::map<K, V>, std::pair<K, V>> {};
template <class K, class V>
struct random_value<std::multimap<K, V>> : random_container<std::multimap<K, V>, std::pair<K, V>> {};
template <class T>
struct random_value<std::forward_list<T>> {
    static std::forward_list<T> make(generator& g, unsigned room)
    {
        std::forward_list<T> all;
        for (auto i = room == 0 ? 0 : g.below(4); i != 0; --i)
            all.push_front(g.make<T>(room - 1));
        return all;
    }
};

template <class First, class Second>
struct random_value<std::pair<First, Second>> {
    static std::pair<First, Second> make(generator& g, unsigned room)
    {
        return {g.make<First>(room), g.make<Second>(room)};
    }
};
template <class... Ts>
struct random_value<std::tuple<Ts...>> {
    static std::tuple<Ts...> make(generator& g, unsigned room) { return std::tuple<Ts...>{g.make<Ts>(room)...}; }
};
template <class T, std::size_t Size>
struct random_value<std::array<T, Size>> {
    static std::array<T, Size> make(generator& g, unsigned room)
    {
        std::array<T, Size> all;
        for (auto& each : all)
            each = g.make<T>(room);
        return all;
    }
};
template <std::size_t Size>
struct random_value<std::bitset<Size>> {
    static std::bitset<Size> make(generator& g, unsigned) { return std::bitset<Size>(g.below(1u << 31)); }
};
template <class T>
struct random_value<std::complex<T>> {
    static std::complex<T> make(generator& g, unsigned room) { return {g.make<T>(room), g.make<T>(room)}; }
};
template <class Count, class Period>
struct random_value<std::chrono::duration<Count, Period>> {
    static std::chrono::duration<Count, Period> make(generator& g, unsigned room)
    {
        return std::chrono::duration<Count, Period>(g.make<Count>(room));
    }
};
template <class Clock, class Duration>
struct random_value<std::chrono::time_point<Clock, Duration>> {
    static std::chrono::time_point<Clock, Duration> make(generator& g, unsigned room)
    {
        return std::chrono::time_point<Clock, Duration>(g.make<Duration>(room));
    }
};

template <class T>
struct random_value<std::optional<T>> {
    static std::optional<T> make(generator& g, unsigned room)
    {
        return room == 0 || g.below(2) == 0 ? std::nullopt : std::optional<T>(g.make<T>(room - 1));
    }
};
template <class... Ts>
struct random_value<std::variant<Ts...>> {
    static std::variant<Ts...> make(generator& g, unsigned room)
    {
        using maker = std::variant<Ts...> (*)(generator&, unsigned);
        constexpr maker makers[] = {
            [](generator& from, unsigned depth) { return std::variant<Ts...>(from.make<Ts>(depth)); }...};
        return makers[g.below(sizeof...(Ts))](g, room);
    }
};
template <class T>
struct random_value<std::unique_ptr<T>> {
    static std::unique_ptr<T> make(generator& g, unsigned room)
    {
        return room == 0 || g.below(3) == 0 ? nullptr : std::make_unique<T>(g.make<T>(room - 1));
    }
};
template <class T>
struct random_value<std::shared_ptr<T>> {
    static std::shared_ptr<T> make(generator& g, unsigned room)
    {
        return room == 0 || g.below(3) == 0 ? nullptr : std::make_shared<T>(g.make<T>(room - 1));
    }
};

/// Aggregates: their members.
template <class T>
requires(std::is_class_v<T>&& std::is_aggregate_v<T>) struct random_value<T> {
    static T make(generator& g, unsigned room)
    {
        T value{};
        ruche::wire::form<T>::with_parts(value, [&](auto&... members) {
            ((members = g.make<std::remove_reference_t<decltype(members)>>(room)), ...);
        });
        return value;
    }
};

// ---- types

enum class colour : std::uint8_t { red, green };

struct record {
    std::int32_t number{};
    std::string text;
    colour paint{};
    std::optional<double> maybe;
};
struct tree {
    std::string name;
    std::vector<tree> branches;
    std::unique_ptr<tree> extra;
};
struct node {
    std::int16_t value{};
    std::shared_ptr<node> left, right;
    std::map<std::string, std::shared_ptr<node>> others;
};

struct derived : record { // members of its own beside those of its base
    bool truth{};
    std::optional<std::string> note;
    std::int16_t count{};
};

/// All kinds in one another, two deep: the tests run over these.
template <class Inner>
using layers =
    ruche::wire::types<std::vector<Inner>, std::optional<Inner>, std::map<std::string, Inner>,
                       std::tuple<bool, Inner, std::int16_t>, std::variant<std::int32_t, Inner>, std::shared_ptr<Inner>,
                       std::array<Inner, 2>, std::pair<Inner, std::uint8_t>, std::list<Inner>, std::unique_ptr<Inner>>;

} // namespace wire_random
