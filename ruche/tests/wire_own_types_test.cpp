#include "wire_testing.hpp"

#include <optional>
#include <tuple>

using wire_testing::bytes_of;
using wire_testing::complaint;
using wire_testing::sent;

namespace shop {

struct article {
    std::string title;
    int pieces{};
    double price{};
    bool operator==(const article&) const = default;
};
struct order {
    std::optional<article> first;
    std::vector<article> more;
    int sizes[2][2]{};
    std::string names[2];
    bool operator==(const order&) const = default;
};
struct tag {};
struct tagged : tag {
    int value{};
    std::string name;
};
struct padded {
    char letter{};
    int number{};
    bool operator==(const padded&) const = default;
};
struct packed {
    int first{};
    float second{};
    bool operator==(const packed&) const = default;
};
struct constant {
    const int value;
    const std::string name;
};

struct wide {
    int m1{}, m2{}, m3{}, m4{}, m5{}, m6{}, m7{}, m8{}, m9{}, m10{}, m11{}, m12{}, m13{}, m14{}, m15{}, m16{}, m17{},
        m18{}, m19{}, m20{}, m21{}, m22{}, m23{}, m24{}, m25{}, m26{}, m27{}, m28{}, m29{}, m30{}, m31{}, m32{}, m33{},
        m34{}, m35{}, m36{}, m37{}, m38{}, m39{}, m40{}, m41{}, m42{}, m43{}, m44{}, m45{}, m46{}, m47{}, m48{}, m49{},
        m50{}, m51{}, m52{}, m53{}, m54{}, m55{}, m56{}, m57{}, m58{}, m59{}, m60{}, m61{}, m62{}, m63{};
    std::string m64;
    bool operator==(const wide&) const = default;
};

class session { // has no default, holds what can't travel
public:
    explicit session(std::string url) : url_(std::move(url)), handle_(&url_) {}
    session(session&& other) noexcept : url_(std::move(other.url_)), handle_(&url_) {}
    std::string get_state() const { return url_; }
    static session set_state(std::string url) { return session(std::move(url)); }

private:
    std::string url_;
    void* handle_;
};

class counter {
public:
    int value = 0;
    std::tuple<int, std::string> get_state() const { return {value, "c"}; }
    void set_state(std::tuple<int, std::string> state) { value = std::get<0>(state); }

private:
    [[maybe_unused]] int* private_ = nullptr;
};

class outside {
public:
    int value() const { return value_; }
    void value(int to) { value_ = to; }

private:
    int value_ = 0;
};
int get_state(const outside& object) { return object.value(); }
void set_state(outside& object, int state) { object.value(state); }

class account {
    std::string owner_;
    long cents_ = 0;

public:
    account() = default;
    account(std::string owner, long cents) : owner_(std::move(owner)), cents_(cents) {}
    static constexpr std::tuple fields{&account::owner_, &account::cents_};
    bool operator==(const account&) const = default;
};

struct base {
    int in_base = 0;
};
struct derived : base {
    std::string in_derived;
    static constexpr std::tuple fields{&derived::in_base, &derived::in_derived};
};

class colour {
public:
    explicit colour(std::uint32_t rgb) : rgb_(rgb) {}
    std::uint32_t rgb() const { return rgb_; }

private:
    std::uint32_t rgb_;
};

} // namespace shop

template <>
struct ruche::codec<shop::colour> {
    static void put(ruche::sink& out, const shop::colour& c) { ruche::encode(out, c.rgb()); }
    static shop::colour get(ruche::source& in) { return shop::colour(ruche::decode<std::uint32_t>(in)); }
};

enum class level { low, high };
enum class mask : std::uint8_t { read = 1, write = 2 };
enum class truth : bool {};
enum unscoped { first, second };
template <>
struct ruche::enum_range<level> {
    static constexpr level first = level::low, last = level::high;
};

TEST(wire_own_types, an_aggregate_needs_nothing)
{
    const shop::order o{{{"a", 1, 2.5}}, {{"b", 2, 1}, {"c", 0, 0}}, {{1, 2}, {3, 4}}, {"x", "y"}};
    EXPECT_EQ(sent(o), o);
}

TEST(wire_own_types, an_aggregate_may_have_64_members)
{
    shop::wide w;
    w.m1 = 1;
    w.m63 = 63;
    w.m64 = "64";
    EXPECT_EQ(sent(w), w);
}

namespace {

struct measured {
    std::string what;
    double values[3];
    std::vector<int> counts;
};
struct weighed : measured {};
struct named {
    std::string name;
};
struct only_named : named {};

static_assert(ruche::wire::member_count<weighed> == 3 && ruche::wire::member_count<only_named> == 1);

} // namespace

TEST(wire_own_types, the_members_of_a_base_are_those_of_a_class_that_has_no_others)
{
    const weighed there = sent(weighed{{"a", {1, 2, 3}, {4, 5}}});
    EXPECT_EQ(there.what, "a");
    EXPECT_EQ(there.values[2], 3);
    EXPECT_EQ(there.counts, (std::vector{4, 5}));
    EXPECT_EQ(sent(only_named{{"b"}}).name, "b");
    EXPECT_EQ(ruche::wire::member_names<weighed>[1], "values");
}

TEST(wire_own_types, an_empty_base_is_no_member)
{
    shop::tagged value;
    value.value = 3;
    value.name = "n";
    const auto there = sent(value);
    EXPECT_EQ(there.value, 3);
    EXPECT_EQ(there.name, "n");
}

TEST(wire_own_types, padding_stays_at_home)
{
    EXPECT_EQ(bytes_of(shop::padded{'a', 1}).size(), 5u);
    const std::vector<shop::padded> many(20, {'a', 1});
    EXPECT_EQ(sent(many), many);
}

TEST(wire_own_types, what_has_no_padding_is_one_run)
{
    static_assert(ruche::wire::flat_run_back<shop::packed>);
    static_assert(!ruche::wire::flat_run<shop::padded>);
    const std::vector<shop::packed> many(20, {1, 2});
    EXPECT_EQ(sent(many), many);
}

TEST(wire_own_types, constant_members_are_made_in_place)
{
    const auto there = sent(shop::constant{1, "n"});
    EXPECT_EQ(there.value, 1);
    EXPECT_EQ(there.name, "n");
}

TEST(wire_own_types, a_local_class_can_be_sent)
{
    struct local {
        int a;
        std::string b;
    };
    EXPECT_EQ(sent(local{1, "x"}).b, "x");
}

TEST(wire_own_types, a_state_makes_a_class_without_a_default)
{
    EXPECT_EQ(sent(shop::session("http://example.org")).get_state(), "http://example.org");
}

TEST(wire_own_types, a_state_is_set_on_a_default_made_object)
{
    shop::counter c;
    c.value = 4;
    EXPECT_EQ(sent(c).value, 4);
}

TEST(wire_own_types, a_state_may_be_free_functions)
{
    shop::outside o;
    o.value(9);
    EXPECT_EQ(sent(o).value(), 9);
}

TEST(wire_own_types, fields_reach_private_members)
{
    const shop::account a("me", 100);
    EXPECT_EQ(sent(a), a);
}

TEST(wire_own_types, fields_reach_members_of_bases)
{
    shop::derived d;
    d.in_base = 1;
    d.in_derived = "x";
    EXPECT_EQ(sent(d).in_base, 1);
    EXPECT_EQ(sent(d).in_derived, "x");
}

TEST(wire_own_types, a_codec_speaks_for_a_type_of_others)
{
    EXPECT_EQ(sent(std::vector<shop::colour>{shop::colour(5)})[0].rgb(), 5u);
}

TEST(wire_own_types, a_comparator_or_captureless_lambda_is_nothing)
{
    EXPECT_TRUE(bytes_of(std::less<>()).empty());
    const auto twice = [](int x) { return 2 * x; };
    EXPECT_EQ(sent(twice)(4), 8);
}

TEST(wire_own_types, an_enumeration_keeps_its_range)
{
    EXPECT_EQ(sent(level::high), level::high);
    EXPECT_NE(complaint<level>(wire_testing::raw({2, 0, 0, 0})).reason().find("enumeration"), std::string::npos);
}

TEST(wire_own_types, every_value_of_an_enumeration_with_a_type_may_come)
{
    EXPECT_EQ(sent(static_cast<mask>(3)), static_cast<mask>(3)); // no enumerator, but a value
    EXPECT_EQ(sent(static_cast<mask>(255)), static_cast<mask>(255));
}

TEST(wire_own_types, an_enumeration_of_bool_is_false_or_true)
{
    EXPECT_EQ(sent(truth{true}), truth{true});
    EXPECT_NE(complaint<truth>(wire_testing::raw({2})).reason().find("neither 0 nor 1"), std::string::npos);
}

TEST(wire_own_types, an_enumeration_without_a_type_travels_as_the_one_it_has_here)
{
    EXPECT_EQ(sent(second), second);
    EXPECT_EQ(wire_testing::bytes_of(second), wire_testing::raw({1, 0, 0, 0}));
}

TEST(wire_own_types, an_error_names_the_member)
{
    const shop::order o{{}, {{"a", 1, 1}, {"b", 2, 2}}, {}, {}};
    auto bytes = bytes_of(o);
    bytes[1 + 4 + (4 + 1 + 12)] = std::byte{200}; // the length of the second title
    const auto error = complaint<shop::order>(bytes);
    EXPECT_EQ(error.path(), "more[1].title");
}

TEST(wire_own_types, an_error_names_the_field)
{
    auto bytes = bytes_of(shop::account("me", 100));
    bytes.pop_back();
    EXPECT_EQ(complaint<shop::account>(bytes).path(), "cents_");
}
