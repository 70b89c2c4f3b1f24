#include "wire_testing.hpp"

#include <memory>
#include <tuple>

using wire_testing::bytes_of;
using wire_testing::complaint;

namespace {

namespace first {
struct settings {
    using evolves = ruche::by_name;
    int width = 640;
    std::string title;
    std::shared_ptr<int> gone;
};
struct other {
    using evolves = ruche::by_name;
    double width = 0;
};
} // namespace first

namespace second {
struct settings {
    using evolves = ruche::by_name;
    std::string title;
    bool fresh = true;
    int sizes[2]{1, 2};
    int width = 640;
};
class with_fields {
    int width_ = 0;

public:
    using evolves = ruche::by_name;
    static constexpr std::tuple fields{&with_fields::width_};
};
} // namespace second

template <class To, class From>
To read_as(const From& value)
{
    const auto bytes = bytes_of(value);
    ruche::source in(bytes);
    To result = ruche::decode<To>(in);
    in.finish();
    return result;
}

} // namespace

TEST(wire_evolution, what_was_added_keeps_its_default)
{
    const auto there = read_as<second::settings>(first::settings{800, "news", nullptr});
    EXPECT_EQ(there.width, 800);
    EXPECT_EQ(there.title, "news");
    EXPECT_TRUE(there.fresh);
    EXPECT_EQ(there.sizes[1], 2);
}

TEST(wire_evolution, what_was_taken_away_is_passed_over)
{
    const auto there = read_as<first::settings>(second::settings{"news", false, {3, 4}, 800});
    EXPECT_EQ(there.width, 800);
    EXPECT_EQ(there.title, "news");
}

TEST(wire_evolution, members_of_all_kinds_come_back)
{
    const auto there = wire_testing::sent(second::settings{"news", false, {3, 4}, 800});
    EXPECT_FALSE(there.fresh);
    EXPECT_EQ(there.sizes[1], 4);
}

TEST(wire_evolution, objects_that_are_passed_over_leave_the_numbers_of_others_right)
{
    const auto lost = std::make_shared<int>(1);
    const auto kept = std::make_shared<int>(2);
    using old_list = std::tuple<first::settings, std::shared_ptr<int>, std::shared_ptr<int>>;
    using new_list = std::tuple<second::settings, std::shared_ptr<int>, std::shared_ptr<int>>;
    const auto there = read_as<new_list>(old_list(first::settings{1, "", lost}, kept, kept));
    EXPECT_EQ(*std::get<1>(there), 2);
    EXPECT_EQ(std::get<1>(there), std::get<2>(there));
}

TEST(wire_evolution, who_refers_to_an_object_that_was_passed_over_is_refused)
{
    const auto lost = std::make_shared<int>(1);
    const auto bytes = bytes_of(std::tuple(first::settings{1, "", lost}, lost));
    (void)complaint<std::tuple<second::settings, std::shared_ptr<int>>>(bytes);
}

TEST(wire_evolution, a_member_of_another_type_is_refused_by_name)
{
    const auto error = complaint<first::settings>(bytes_of(first::other{1}));
    EXPECT_EQ(error.path(), "width");
}

TEST(wire_evolution, members_may_change_without_another_fingerprint)
{
    static_assert(ruche::fingerprint<first::settings> == ruche::fingerprint<second::settings>);
    static_assert(ruche::sendable<second::with_fields>);
}

TEST(wire_evolution, every_shorter_message_is_refused)
{
    auto bytes = bytes_of(second::settings{"news", false, {3, 4}, 800});
    while (!bytes.empty()) {
        bytes.pop_back();
        (void)complaint<second::settings>(bytes);
    }
}
