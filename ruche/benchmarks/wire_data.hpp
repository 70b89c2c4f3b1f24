#pragma once

#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>
#include <msgpack.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

/// What the benchmark sends. The members that follow the data are for the rivals; ruche needs none.
namespace wire_data {

struct tick {
    std::int64_t time;
    double price;
    std::uint32_t size, flags;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(time, price, size, flags);
    }
    MSGPACK_DEFINE(time, price, size, flags)
};

struct person {
    std::uint64_t id;
    std::string name, email;
    std::int32_t age;
    double score;
    bool active;
    std::int64_t joined;
    std::vector<std::uint32_t> groups;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(id, name, email, age, score, active, joined, groups);
    }
    MSGPACK_DEFINE(id, name, email, age, score, active, joined, groups)
};

struct order {
    std::uint64_t id;
    std::optional<std::string> note;
    std::variant<std::int32_t, double, std::string> reference;
    std::map<std::string, std::int32_t> items;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(id, note, reference, items);
    }
};

struct creature { // many small parts
    std::int16_t health, mana;
    std::uint8_t colour, kind;
    bool alive;
    float x, y, z;
    std::vector<std::uint8_t> inventory;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(health, mana, colour, kind, alive, x, y, z, inventory);
    }
    MSGPACK_DEFINE(health, mana, colour, kind, alive, x, y, z, inventory)
};

struct tree {
    std::int32_t value;
    std::string name;
    std::vector<tree> branches;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(value, name, branches);
    }
    MSGPACK_DEFINE(value, name, branches)
};

struct call { // about 50 bytes
    std::uint32_t id;
    std::string path;
    std::int32_t width, height;
    double quality;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(id, path, width, height, quality);
    }
    MSGPACK_DEFINE(id, path, width, height, quality)
};

struct leaf {
    std::int32_t value;
    std::string name;
    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(value, name);
    }
};

using strings = std::vector<std::string>;
using dictionary = std::unordered_map<std::string, std::int32_t>;
using graph = std::vector<std::shared_ptr<leaf>>;

class maker {
public:
    std::string word(std::size_t least, std::size_t most)
    {
        std::string text(number(least, most), 'a');
        for (char& letter : text)
            letter = static_cast<char>('a' + number(0, 25));
        return text;
    }
    std::size_t number(std::size_t least, std::size_t most)
    {
        return std::uniform_int_distribution<std::size_t>(least, most)(random_);
    }
    std::int32_t small(std::size_t most) { return static_cast<std::int32_t>(number(0, most)); }

    std::vector<tick> ticks()
    {
        std::vector<tick> all(100'000);
        for (auto& each : all)
            each = {static_cast<std::int64_t>(number(0, 1'000'000'000)), static_cast<double>(small(10'000)),
                    static_cast<std::uint32_t>(small(1000)), 1};
        return all;
    }
    strings words(std::size_t count, std::size_t least, std::size_t most)
    {
        strings all(count);
        for (auto& each : all)
            each = word(least, most);
        return all;
    }
    std::vector<person> people()
    {
        std::vector<person> all(5000);
        for (auto& each : all)
            each = {number(0, 1'000'000),
                    word(4, 12),
                    word(10, 30),
                    small(99),
                    static_cast<double>(small(1000)),
                    number(0, 1) == 1,
                    small(1'000'000),
                    std::vector<std::uint32_t>(number(0, 6), 5)};
        return all;
    }
    std::vector<order> orders()
    {
        std::vector<order> all(2000);
        for (auto& each : all) {
            each.id = number(0, 1'000'000);
            if (number(0, 1) == 1)
                each.note = word(5, 40);
            if (number(0, 1) == 1)
                each.reference = word(8, 8);
            for (std::size_t i = number(0, 5); i != 0; --i)
                each.items[word(3, 8)] = small(10);
        }
        return all;
    }
    std::vector<creature> creatures()
    {
        std::vector<creature> all(10'000);
        for (auto& each : all)
            each = {
                static_cast<std::int16_t>(small(100)),     static_cast<std::int16_t>(small(100)), 1, 2, true, 1, 2, 3,
                std::vector<std::uint8_t>(number(0, 8), 7)};
        return all;
    }
    dictionary dict()
    {
        dictionary all;
        for (int i = 0; i != 5000; ++i)
            all[word(6, 14)] = i;
        return all;
    }
    tree forest(int depth)
    {
        tree root{small(100), word(3, 10), {}};
        for (std::size_t i = 0; depth != 0 && i != 4; ++i)
            root.branches.push_back(forest(depth - 1));
        return root;
    }
    graph shared()
    {
        graph objects;
        for (int i = 0; i != 500; ++i)
            objects.push_back(std::make_shared<leaf>(leaf{i, word(5, 10)}));
        graph all;
        for (int i = 0; i != 2000; ++i)
            all.push_back(objects[number(0, 499)]);
        return all;
    }

private:
    std::mt19937_64 random_{7};
};

} // namespace wire_data
