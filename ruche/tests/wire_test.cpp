#include "wire_testing.hpp"

#include <array>
#include <bitset>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <stack>
#include <system_error>
#include <tuple>
#include <unistd.h>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <variant>

using namespace std::chrono_literals;
using wire_testing::bytes_of;
using wire_testing::raw;
using wire_testing::sent;

namespace {

template <class T>
void comes_back(const T& value)
{
    EXPECT_EQ(sent(value), value) << ruche::wire::type_name<T>();
}

template <class... Ts>
void limits_come_back()
{
    (comes_back(std::numeric_limits<Ts>::min()), ...);
    (comes_back(std::numeric_limits<Ts>::max()), ...);
    (comes_back(Ts()), ...);
}

enum class colour : std::uint8_t { red, green };
enum old_colour { old_red, old_green };

} // namespace

TEST(wire, numbers_come_back)
{
    limits_come_back<char, signed char, unsigned char, short, unsigned short, int, unsigned, long, unsigned long,
                     long long, unsigned long long, float, double, long double, wchar_t, char8_t, char16_t, char32_t>();
    comes_back(true);
    comes_back(std::byte{200});
    comes_back(colour::green);
    comes_back(old_green);
    comes_back(std::complex<float>(1, -2));
    comes_back(std::complex<long double>(1, -2));
}

TEST(wire, numbers_keep_every_bit)
{
    EXPECT_TRUE(std::isnan(sent(std::nan("1"))));
    EXPECT_TRUE(std::signbit(sent(-0.0)));
    comes_back(std::numeric_limits<double>::infinity());
}

TEST(wire, numbers_are_little_endian) { EXPECT_EQ(bytes_of(0x01020304), raw({4, 3, 2, 1})); }

TEST(wire, strings_come_back)
{
    comes_back(std::string());
    comes_back(std::string("with\0zero", 9));
    comes_back(std::string(100'000, 'x'));
    comes_back(std::wstring(L"wide"));
    comes_back(std::u16string(u"sixteen bits, and long enough to be aligned on the wire"));
    comes_back(std::u32string(U"thirty-two"));
}

TEST(wire, a_string_is_its_length_and_its_bytes)
{
    EXPECT_EQ(bytes_of(std::string("ab")), raw({2, 0, 0, 0, 'a', 'b'}));
}

TEST(wire, sequences_come_back)
{
    comes_back(std::vector<int>{});
    comes_back(std::vector<double>(1000, 2.5));
    comes_back(std::vector<std::string>{"a", "", "c"});
    comes_back(std::vector<bool>{true, false, true, true, false, false, false, false, true});
    comes_back(std::vector<std::vector<char>>{{'a'}, {}, {'b', 'c'}});
    comes_back(std::deque<int>{1, 2, 3});
    comes_back(std::list<std::string>{"x", "y"});
    comes_back(std::forward_list<int>{3, 1, 2});
    comes_back(std::array<int, 3>{1, 2, 3});
    comes_back(std::array<std::string, 2>{"a", "b"});
    comes_back(std::array<int, 0>{});
    comes_back(std::bitset<13>(0x1abc));
    comes_back(std::vector<std::chrono::seconds>(20, 5s));
    comes_back(std::vector<colour>(100, colour::green));
    comes_back(std::vector<old_colour>(100, old_green));
}

TEST(wire, a_valarray_comes_back)
{
    const std::valarray<double> values{1, 2, 3};
    EXPECT_TRUE((sent(values) == values).min());
}

TEST(wire, sets_and_maps_come_back)
{
    comes_back(std::set<std::string>{"b", "a"});
    comes_back(std::set<int, std::greater<>>{1, 2, 3});
    comes_back(std::multiset<int>{1, 1, 2});
    comes_back(std::unordered_set<std::string>{"x", "y"});
    comes_back(std::unordered_multiset<int>{1, 1});
    comes_back(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}});
    comes_back(std::multimap<int, std::string>{{1, "a"}, {1, "b"}});
    comes_back(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
    comes_back(std::unordered_multimap<int, int>{{1, 2}, {1, 3}});
}

TEST(wire, adaptors_come_back)
{
    std::stack<int> stack;
    std::queue<std::string> queue;
    std::priority_queue<int> heap;
    for (const int i : {3, 1, 2}) {
        stack.push(i);
        queue.push(std::to_string(i));
        heap.push(i);
    }
    comes_back(stack);
    comes_back(queue);
    EXPECT_EQ(sent(heap).top(), 3);
}

TEST(wire, products_and_sums_come_back)
{
    comes_back(std::pair<int, std::string>{1, "a"});
    comes_back(std::tuple<>{});
    comes_back(std::tuple<int, std::string, double>{1, "a", 2.5});
    comes_back(std::optional<std::string>{"a"});
    comes_back(std::optional<std::string>{});
    comes_back(std::optional<std::optional<int>>{std::optional<int>{}});
    comes_back(std::variant<int, std::string>{"a"});
    comes_back(std::variant<std::monostate, int>{});
    comes_back(std::vector<std::variant<int, std::optional<std::string>>>{1, std::optional<std::string>("x")});
}

TEST(wire, times_come_back)
{
    using namespace std::chrono;
    comes_back(5min);
    comes_back(duration<double, std::milli>(1.5));
    comes_back(system_clock::now());
    comes_back(steady_clock::now());
    comes_back(2026y / November / 21);
    comes_back(sys_days(2026y / November / 21));
    comes_back(2026y / November);
    comes_back(November / 21);
    comes_back(November / last);
    comes_back(2026y / November / last);
    comes_back(2026y / November / Saturday[3]);
    comes_back(2026y / November / Saturday[last]);
    comes_back(November / Saturday[1]);
    comes_back(November / Saturday[last]);
    comes_back(Saturday);
    comes_back(Saturday[2]);
    comes_back(Saturday[last]);
    comes_back(day(31));
    EXPECT_EQ(sent(hh_mm_ss<milliseconds>(-1234567ms)).to_duration(), -1234567ms);
}

TEST(wire, paths_and_error_codes_come_back)
{
    comes_back(std::filesystem::path("news/feed.xml"));
    comes_back(std::make_error_code(std::errc::timed_out));
    comes_back(std::error_code(5, std::system_category()));
    comes_back(std::make_error_condition(std::errc::timed_out));
}

TEST(wire, views_arrive_as_owners)
{
    EXPECT_EQ(bytes_of(std::string_view("abc")), bytes_of(std::string("abc")));
    EXPECT_EQ(bytes_of("abc"), bytes_of(std::string("abc")));
    const std::vector<int> numbers{1, 2, 3};
    EXPECT_EQ(bytes_of(std::span<const int>(numbers)), bytes_of(numbers));
    const std::vector<std::string> words{"a", "b"};
    EXPECT_EQ(bytes_of(std::span<const std::string>(words)), bytes_of(words));
    static_assert(std::is_same_v<ruche::received_t<std::string_view>, std::string>);
    static_assert(std::is_same_v<ruche::received_t<const char(&)[4]>, std::string>);
    static_assert(std::is_same_v<ruche::received_t<std::span<const int>>, std::vector<int>>);
}

TEST(wire, long_runs_are_aligned_and_their_padding_is_zero)
{
    ruche::sink message;
    ruche::encode(message, std::uint8_t{1});
    ruche::encode(message, std::vector<double>(8, 1.0));
    ASSERT_EQ(message.size(), 16u + 64u); // 1, a count of 4, up to 16, the run
    for (std::size_t i = 5; i != 16; ++i)
        EXPECT_EQ(message.bytes()[i], std::byte{0});
}

TEST(wire, runs_are_read_from_any_address)
{
    const std::vector<double> values(100, 1.5);
    const auto bytes = bytes_of(values);
    for (std::size_t shift = 0; shift != 9; ++shift) {
        std::vector<std::byte> moved(shift);
        moved.insert(moved.end(), bytes.begin(), bytes.end());
        ruche::source received(std::span<const std::byte>(moved).subspan(shift));
        EXPECT_EQ(ruche::decode<std::vector<double>>(received), values);
    }
}

TEST(wire, values_follow_one_another_in_one_message)
{
    ruche::sink message;
    ruche::encode(message, 1);
    ruche::encode(message, std::string("two"));
    ruche::source received(message.bytes());
    EXPECT_EQ(ruche::decode<int>(received), 1);
    EXPECT_EQ(ruche::decode<std::string>(received), "two");
    received.finish();
}

TEST(wire, a_cleared_message_keeps_its_memory)
{
    ruche::sink message;
    ruche::encode(message, std::string(1000, 'x'));
    const auto* memory = message.bytes().data();
    message.clear();
    EXPECT_EQ(message.size(), 0u);
    ruche::encode(message, std::string(1000, 'y'));
    EXPECT_EQ(message.bytes().data(), memory);
}

TEST(wire, more_than_four_gigabytes_come_back)
{
    if (std::getenv("RUCHE_LONG") == nullptr) // NOLINT(concurrency-mt-unsafe)
        GTEST_SKIP() << "takes 9 GB of memory; RUCHE_LONG=1 runs it";
    const std::size_t size = (std::size_t{1} << 32) + 100;
    ruche::sink message;
    {
        std::string large(size, 'x');
        large.back() = 'y';
        ruche::encode(message, large);
    }
    ruche::source received(message.bytes());
    const auto there = ruche::decode<std::string>(received);
    received.finish();
    ASSERT_EQ(there.size(), size);
    EXPECT_EQ(there.back(), 'y');
}

TEST(wire, bytes_that_stand_alone_come_back)
{
    const std::map<std::string, int> value{{"a", 1}};
    EXPECT_EQ((ruche::from_bytes<std::map<std::string, int>>(ruche::to_bytes(value))), value);
}

TEST(wire, what_travels_alike_is_read_as_either)
{
    const std::list<std::int32_t> list{1, 2, 3};
    EXPECT_EQ(ruche::from_bytes<std::vector<int>>(ruche::to_bytes(list)), (std::vector{1, 2, 3}));
    EXPECT_EQ(ruche::from_bytes<std::list<std::int32_t>>(ruche::to_bytes(std::vector{1, 2, 3})), list);
}

TEST(wire, bytes_of_another_type_name_both)
{
    const auto bytes = ruche::to_bytes(std::vector<int>{1});
    try {
        (void)ruche::from_bytes<std::map<int, double>>(bytes);
        FAIL() << "no error";
    } catch (const ruche::bad_message& error) {
        EXPECT_NE(std::string(error.what()).find("std::vector<int"), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("std::map<int, double"), std::string::npos);
    }
}

TEST(wire, a_descriptor_travels_beside_the_bytes)
{
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const ruche::fd reader(ends[0]);
    ruche::sink message;
    ruche::encode(message, std::pair<int, std::vector<int>>(7, {}));
    {
        const std::optional<ruche::fd> writer(std::in_place, ends[1]);
        ruche::encode(message, writer);
    } // closed here: the message has its own
    std::vector<ruche::fd> descriptors;
    for (const auto& descriptor : message.descriptors())
        descriptors.push_back(descriptor->duplicate());
    message.clear();
    ruche::sink same;
    ruche::encode(same, std::pair<int, std::vector<int>>(7, {}));
    ruche::encode(same, std::uint8_t{1});
    ruche::encode(same, std::uint32_t{0});
    ruche::source received(same.bytes(), std::move(descriptors));
    EXPECT_EQ((ruche::decode<std::pair<int, std::vector<int>>>(received).first), 7);
    const auto writer = ruche::decode<std::optional<ruche::fd>>(received);
    received.finish();
    ASSERT_EQ(::write(writer->get(), "x", 1), 1);
    char letter = 0;
    ASSERT_EQ(::read(reader.get(), &letter, 1), 1);
    EXPECT_EQ(letter, 'x');
}

static_assert(ruche::carries_handles<ruche::fd>);
static_assert(ruche::carries_handles<std::map<int, std::vector<std::optional<ruche::fd>>>>);
static_assert(!ruche::carries_handles<std::map<int, std::string>>);
static_assert(ruche::portable<std::vector<std::uint32_t>>);
static_assert(ruche::portable<std::vector<std::int64_t>>);
static_assert(!ruche::portable<std::vector<long double>>);
static_assert(!ruche::portable<std::optional<ruche::fd>>);
static_assert(ruche::fingerprint<std::vector<int>> != ruche::fingerprint<std::vector<unsigned>>);
static_assert(ruche::fingerprint<std::vector<int>> == ruche::fingerprint<std::list<std::int32_t>>);
