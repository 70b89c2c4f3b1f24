// Aggregates with members of their own beside those of their bases.

#include "wire_testing.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <variant>

using wire_testing::bytes_of;
using wire_testing::raw;
using wire_testing::sent;

namespace shop {

struct thing {
    std::int32_t number = 0;
    std::string name;
    bool operator==(const thing&) const = default;
};
struct lamp : thing {
    bool on = false;
    double watts = 0;
    bool operator==(const lamp&) const = default;
};
struct priced {
    std::int16_t cents = 0;
    bool operator==(const priced&) const = default;
};
struct offer : lamp, priced { // three levels, and two bases
    std::optional<std::string> words;
    std::map<std::string, int> stock;
    std::variant<int, std::string> code;
    bool operator==(const offer&) const = default;
};

// What is made from what it holds takes anything that its contents take: each must be told from those.
struct greedy : priced {
    std::optional<int> a;
    std::optional<std::optional<std::string>> b;
    std::variant<std::string, std::optional<bool>> c;
    std::tuple<std::string> d;
    std::tuple<std::optional<std::int8_t>> e;
    std::optional<std::filesystem::path> f;
    std::pair<bool, bool> g;
    std::int32_t h = 0;
    bool operator==(const greedy&) const = default;
};

struct point {
    std::int32_t x = 0, y = 0;
    bool operator==(const point&) const = default;
};
struct arrays : priced {
    char letters[5]{};
    std::int32_t grid[2][3]{};
    std::string words[2];
    point corners[2]{};
    std::array<std::int16_t, 3> three{};
};

struct constant : priced {
    const std::int32_t number;
};
struct empty_between : priced {
    std::monostate nothing;
    std::optional<std::int32_t> something;
};
struct list : priced {
    std::unique_ptr<list> next;
    std::shared_ptr<list> same;
};
struct text : std::string {
    std::int32_t line = 0;
};
struct nothing_more : std::string {};
struct last final : priced {
    std::int32_t number = 0;
};
struct packed : point {
    std::int32_t z = 0;
};
class no_default {
public:
    explicit no_default(int number) : number_(number) {}
    int get_state() const { return number_; }
    static no_default set_state(int number) { return no_default(number); }

private:
    int number_;
};
struct holds_no_default : thing {
    no_default member;
    std::string text;
};

// What can't be read where it should lie, since the class says more than its types.
struct moved : thing {
    char a = 0;
    alignas(2) char b = 0;
    std::int32_t c = 0;
};
struct with_bits : thing {
    std::int32_t most : 31;
    std::string text;
};
struct reused {
    std::int32_t a = 0;
    char b = 0;
    reused() = default; // no plain structure for the ABI, so that its end may be used again
    static constexpr std::tuple fields{&reused::a, &reused::b};
};
struct overlapping : priced {
    [[no_unique_address]] reused first;
    bool second = false;
    double third = 0;
};

} // namespace shop

TEST(wire_derived, members_beside_those_of_a_base_come_back)
{
    const shop::lamp lamp{{7, "desk"}, true, 4.5};
    EXPECT_EQ(sent(lamp), lamp);
}

TEST(wire_derived, the_base_travels_first) { EXPECT_EQ(bytes_of(shop::last{{0x0102}, 3}), raw({2, 1, 3, 0, 0, 0})); }

TEST(wire_derived, several_bases_and_levels_come_back)
{
    const shop::offer offer{{{7, "desk"}, true, 4.5}, {399}, "cheap", {{"here", 3}}, "lamp"};
    EXPECT_EQ(sent(offer), offer);
}

TEST(wire_derived, members_that_are_made_from_what_they_hold_are_told_from_it)
{
    const shop::greedy greedy{
        {1}, 5, std::optional<std::string>("b"), std::optional<bool>(true), {"d"}, {{3}}, "/f", {0, 1}, 0x01020304};
    EXPECT_EQ(sent(greedy), greedy);
}

TEST(wire_derived, arrays_come_back)
{
    const shop::arrays arrays{
        {1}, {'a', 'b', 'c', 'd', 'e'}, {{1, 2, 3}, {4, 5, 6}}, {"one", "two"}, {{1, 2}, {3, 4}}, {7, 8, 9}};
    const auto there = sent(arrays);
    EXPECT_EQ(there.cents, 1);
    EXPECT_EQ(std::string_view(there.letters, 5), "abcde");
    EXPECT_EQ(there.grid[1][2], 6);
    EXPECT_EQ(there.words[1], "two");
    EXPECT_EQ(there.corners[1], (shop::point{3, 4}));
    EXPECT_EQ(there.three[2], 9);
}

TEST(wire_derived, constant_members_come_back) { EXPECT_EQ(sent(shop::constant{{1}, 9}).number, 9); }

TEST(wire_derived, a_member_without_contents_takes_no_bytes)
{
    EXPECT_EQ(sent(shop::empty_between{{1}, {}, 5}).something, 5);
    EXPECT_EQ(bytes_of(shop::empty_between{{1}, {}, {}}).size(), 3u);
}

TEST(wire_derived, owners_of_themselves_come_back)
{
    const auto shared = std::make_shared<shop::list>(shop::list{{2}, nullptr, nullptr});
    const auto there = sent(shop::list{{1}, std::make_unique<shop::list>(shop::list{{3}, nullptr, shared}), shared});
    EXPECT_EQ(there.next->cents, 3);
    EXPECT_EQ(there.next->same, there.same);
}

TEST(wire_derived, a_base_may_be_a_class_that_shows_nothing)
{
    const auto there = sent(shop::text{{"words"}, 12});
    EXPECT_EQ(there, "words");
    EXPECT_EQ(there.line, 12);
    EXPECT_EQ(sent(shop::nothing_more{{"words"}}), "words");
}

TEST(wire_derived, a_final_class_comes_back) { EXPECT_EQ(sent(shop::last{{1}, 3}).number, 3); }

TEST(wire_derived, what_has_no_padding_is_one_run)
{
    static_assert(ruche::wire::form<shop::packed>::flat);
    EXPECT_EQ(sent(std::vector<shop::packed>(100, {{1, 2}, 3}))[99].z, 3);
}

TEST(wire_derived, a_member_without_a_default_comes_back)
{
    const auto there = sent(shop::holds_no_default{{1, "one"}, shop::no_default(7), "text"});
    EXPECT_EQ(there.member.get_state(), 7);
    EXPECT_EQ(there.text, "text");
}

TEST(wire_derived, an_error_names_the_base_and_counts_the_members)
{
    EXPECT_EQ(wire_testing::complaint<shop::lamp>(raw({1, 0, 0, 0, 9, 0, 0, 0})).path(), "shop::thing.name");
    EXPECT_EQ(wire_testing::complaint<shop::lamp>(raw({1, 0, 0, 0, 0, 0, 0, 0, 2})).path(), "<member 1>");
}

TEST(wire_derived, a_member_that_its_class_has_moved_is_not_sent)
{
    EXPECT_THROW(bytes_of(shop::moved{{}, 1, 2, 3}), std::logic_error);
}

TEST(wire_derived, a_bit_field_is_not_sent)
{
    shop::with_bits bits{};
    bits.most = 3;
    EXPECT_THROW(bytes_of(bits), std::logic_error);
}

TEST(wire_derived, a_member_in_the_end_of_another_is_not_sent)
{
    EXPECT_THROW(bytes_of(shop::overlapping{{}, {}, true, 2}), std::logic_error);
}
