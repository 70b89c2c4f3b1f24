#include <ruche/exception.hpp>
#include <ruche/managed.hpp>
#include <ruche/process.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ruche {
namespace {

using words = managed_dictionary<std::string, int>;

void count_words(words counts, std::vector<std::string> all)
{
    for (const auto& each : all)
        counts.add(each, 1);
}

TEST(a_managed_dictionary, is_shared_by_processes)
{
    words counts;
    {
        process a(count_words, counts, std::vector<std::string>(50, "bee"));
        process b(count_words, counts, std::vector<std::string>(50, "bee"));
    }
    EXPECT_EQ(counts.get("bee"), 100);
    EXPECT_EQ(counts.get("wasp"), std::nullopt);
}

TEST(a_managed_dictionary, does_what_a_map_does)
{
    words counts;
    EXPECT_TRUE(counts.insert("a", 1));
    EXPECT_FALSE(counts.insert("a", 2));
    counts.update({{"b", 2}, {"c", 3}});
    EXPECT_EQ(counts.size(), 3U);
    EXPECT_EQ(counts.keys(), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_TRUE(counts.erase("a"));
    EXPECT_FALSE(counts.contains("a"));
    EXPECT_EQ(counts.take("b"), 2);
    EXPECT_EQ(counts.items(), (std::map<std::string, int>{{"c", 3}}));
    counts.clear();
    EXPECT_EQ(counts.size(), 0U);
}

TEST(a_managed_dictionary, replaces_only_what_is_expected)
{
    words counts;
    counts.set("a", 1);
    EXPECT_FALSE(counts.replace("a", 2, 3));
    EXPECT_TRUE(counts.replace("a", 1, 3));
    EXPECT_EQ(counts.get("a"), 3);
}

TEST(a_managed_dictionary, may_hold_others)
{
    managed_dictionary<std::string, managed_counter> counters;
    managed_counter one;
    counters.set("one", one);
    counters.get("one").value().add(5);
    EXPECT_EQ(one.get(), 5);
}

TEST(a_managed_list, does_what_a_vector_does)
{
    managed_list<std::string> all;
    all.push_back("a");
    all.extend({"b", "c"});
    all.insert(1, "x");
    all.set(0, "A");
    all.erase(2);
    EXPECT_EQ(all.items(), (std::vector<std::string>{"A", "x", "c"}));
    EXPECT_EQ(all.at(1), "x");
    EXPECT_EQ(all.pop_back(), "c");
    EXPECT_EQ(all.size(), 2U);
    EXPECT_THROW((void)all.at(2), std::out_of_range);
    EXPECT_THROW(all.insert(3, "y"), std::out_of_range);
    all.clear();
    EXPECT_EQ(all.pop_back(), std::nullopt);
}

TEST(a_managed_counter, counts)
{
    managed_counter one;
    EXPECT_EQ(one.add(), 1);
    EXPECT_EQ(one.add(41), 42);
    EXPECT_EQ(one.exchange(7), 42);
    EXPECT_EQ(one.get(), 7);
}

TEST(a_managed_namespace, has_values_of_many_types)
{
    managed_namespace names;
    names.set("width", 640);
    names.set("title", std::string("hive"));
    EXPECT_EQ(names.get<int>("width"), 640);
    EXPECT_EQ(names.get<std::string>("title"), "hive");
    EXPECT_EQ(names.get<int>("height"), std::nullopt);
    EXPECT_THROW((void)names.get<std::string>("width"), bad_message);
    EXPECT_EQ(names.names(), (std::vector<std::string>{"title", "width"}));
    EXPECT_TRUE(names.erase("title"));
}

TEST(managed_ones, may_share_a_process)
{
    managed_counter first;
    managed_list<int> second(beside(first));
    second.push_back(1);
    first.add();
    EXPECT_EQ(second.size(), 1U);
}

} // namespace
} // namespace ruche
