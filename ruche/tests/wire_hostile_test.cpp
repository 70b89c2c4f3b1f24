#include "wire_testing.hpp"

#include <fcntl.h>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <unistd.h>
#include <variant>

using wire_testing::bytes_of;
using wire_testing::complaint;
using wire_testing::raw;

namespace {

struct deep {
    std::vector<deep> more;
};
struct large {
    std::array<double, 1000> values;
};

std::string reason_of(const ruche::bad_message& error) { return error.reason(); }

} // namespace

TEST(wire_hostile, every_shorter_message_is_refused)
{
    const std::map<std::string, std::vector<std::variant<int, std::string>>> value{{"a", {1, "x"}}, {"b", {}}};
    auto bytes = bytes_of(value);
    while (!bytes.empty()) {
        bytes.pop_back();
        (void)complaint<std::remove_const_t<decltype(value)>>(bytes);
    }
}

TEST(wire_hostile, bytes_that_are_left_over_are_refused)
{
    auto bytes = bytes_of(1);
    bytes.push_back(std::byte{0});
    EXPECT_EQ(complaint<int>(bytes).offset(), 4u);
}

TEST(wire_hostile, a_bool_of_two_is_refused) { EXPECT_EQ(complaint<bool>(raw({2})).offset(), 0u); }

TEST(wire_hostile, an_optional_of_two_is_refused) { (void)complaint<std::optional<int>>(raw({2, 0, 0, 0, 0})); }

TEST(wire_hostile, a_variant_without_that_alternative_is_refused)
{
    EXPECT_NE(reason_of(complaint<std::variant<int, char>>(raw({2, 0}))).find("alternative 2"), std::string::npos);
}

TEST(wire_hostile, a_count_that_the_message_cannot_hold_is_refused_before_memory_is_asked_for)
{
    const auto huge = raw({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f});
    (void)complaint<std::string>(huge);
    (void)complaint<std::vector<double>>(huge);
    (void)complaint<std::vector<std::string>>(huge);
    (void)complaint<std::vector<bool>>(huge);
    (void)complaint<std::map<int, int>>(huge);
    (void)complaint<std::vector<std::monostate>>(huge);
}

TEST(wire_hostile, a_count_written_the_long_way_without_need_is_refused)
{
    (void)complaint<std::string>(raw({0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(wire_hostile, elements_without_bytes_are_counted)
{
    auto bytes = bytes_of(std::vector<std::monostate>(5));
    ruche::limits few;
    few.empty_elements = 4;
    EXPECT_NE(reason_of(complaint<std::vector<std::monostate>>(bytes, few)).find("no bytes"), std::string::npos);
}

TEST(wire_hostile, a_short_message_cannot_ask_for_much_memory)
{
    const std::vector<std::byte> bytes = bytes_of(std::vector<std::optional<large>>(100));
    ruche::limits little;
    little.memory = 100'000;
    const auto error = complaint<std::vector<std::optional<large>>>(bytes, little);
    EXPECT_NE(reason_of(error).find("memory"), std::string::npos);
}

TEST(wire_hostile, depth_is_limited)
{
    std::vector<std::byte> bytes;
    for (int i = 0; i != 200'000; ++i)
        for (const int byte : {1, 0, 0, 0})
            bytes.push_back(static_cast<std::byte>(byte));
    EXPECT_NE(reason_of(complaint<deep>(bytes)).find("deep"), std::string::npos);
}

TEST(wire_hostile, a_key_that_is_there_twice_is_refused)
{
    using map = std::map<std::uint8_t, std::uint8_t>;
    EXPECT_NE(reason_of(complaint<map>(raw({2, 0, 0, 0, 1, 1, 1, 2}))).find("twice"), std::string::npos);
    EXPECT_NE(reason_of(complaint<std::set<char>>(raw({2, 0, 0, 0, 'a', 'a'}))).find("twice"), std::string::npos);
}

TEST(wire_hostile, padding_is_zero)
{
    auto bytes = bytes_of(std::vector<double>(8, 1.0));
    bytes[7] = std::byte{1};
    EXPECT_EQ(complaint<std::vector<double>>(bytes).offset(), 7u);
}

TEST(wire_hostile, a_descriptor_is_taken_once)
{
    (void)complaint<ruche::fd>(raw({0, 0, 0, 0}));
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd other(ends[1]);
    std::vector<ruche::fd> one;
    one.emplace_back(ends[0]);
    const auto bytes = raw({0, 0, 0, 0, 0, 0, 0, 0});
    ruche::source received(bytes, std::move(one));
    EXPECT_THROW(((void)ruche::decode<std::pair<ruche::fd, ruche::fd>>(received)), ruche::bad_message);
}

TEST(wire_hostile, a_descriptor_that_nobody_takes_is_refused_and_closed)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd other(ends[1]);
    {
        std::vector<ruche::fd> one;
        one.emplace_back(ends[0]);
        ruche::source received({}, std::move(one));
        EXPECT_THROW(received.finish(), ruche::bad_message);
    }
    EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1);
}

TEST(wire_hostile, an_error_category_that_is_not_known_is_refused)
{
    ruche::sink message;
    ruche::encode(message, std::string("mine"));
    ruche::encode(message, 1);
    const std::vector<std::byte> bytes(message.bytes().begin(), message.bytes().end());
    EXPECT_NE(reason_of(complaint<std::error_code>(bytes)).find("mine"), std::string::npos);
}
