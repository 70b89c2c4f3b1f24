// Conditions on articles, and the rules that have them.
#include "rules/match.hpp"

#include "rules/rule_book.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

const match_subject bees{.title = "Bees are back",
                         .author = "A. Wasp",
                         .link = "https://example.org/bees",
                         .id = "1",
                         .content = "<p>All about <b>HONEY</b></p>",
                         .feed = "The Hive",
                         .url = "https://example.org/feed",
                         .folder = "insects/flying",
                         .tags = {"spring"}};

bool holds(const std::string& condition) { return article_match(condition)(bees); }

TEST(a_condition, that_is_empty_holds_of_everything)
{
    EXPECT_TRUE(article_match()(bees));
    EXPECT_TRUE(holds("  "));
}

TEST(a_condition, looks_for_a_part_or_for_the_whole_of_a_field)
{
    EXPECT_TRUE(holds("title ~ bees"));
    EXPECT_FALSE(holds("title = bees"));
    EXPECT_TRUE(holds("title = \"bees are back\""));
    EXPECT_TRUE(holds("author !~ bee"));
    EXPECT_FALSE(holds("author != \"a. wasp\""));
    EXPECT_TRUE(holds("link ~ example.org and id = 1 and feed = \"the hive\" and url ~ /feed and folder ~ flying"));
}

TEST(a_condition, is_the_same_in_upper_and_lower_case_of_any_script)
{
    const match_subject title{.title = "ÉTÉ ΣΟΦΙΑ"};
    EXPECT_TRUE(article_match("title ~ été and title ~ σοφια")(title));
}

TEST(a_condition, looks_at_the_text_of_the_content_and_not_at_its_markup)
{
    EXPECT_TRUE(holds("content ~ honey"));
    EXPECT_FALSE(holds("content ~ <b>"));
}

TEST(a_condition, that_is_a_word_looks_in_title_and_content)
{
    EXPECT_TRUE(holds("honey"));
    EXPECT_TRUE(holds("back"));
    EXPECT_FALSE(holds("wasp"));
}

TEST(a_condition, binds_not_before_and_before_or)
{
    EXPECT_TRUE(holds("wasp and wasp or bees"));
    EXPECT_FALSE(holds("wasp and (wasp or bees)"));
    EXPECT_TRUE(holds("not wasp and bees"));
    EXPECT_FALSE(holds("not (wasp or bees)"));
}

TEST(a_condition, knows_tags_and_marks)
{
    EXPECT_TRUE(holds("tag = spring and unread and not starred"));
    EXPECT_FALSE(holds("tag = summer"));
}

TEST(a_condition, has_values_with_quotes_in_them)
{
    EXPECT_TRUE(article_match(R"(title = "a \"b\" \\")")(match_subject{.title = "a \"b\" \\"}));
}

std::string complaint(const std::string& condition)
{
    try {
        (void)article_match(condition);
    } catch (const match_error& error) {
        return std::to_string(error.column()) + ": " + error.what();
    }
    return "none";
}

TEST(a_condition, that_makes_no_sense_is_refused_with_the_place)
{
    EXPECT_EQ(complaint("title ~"), "8: a value is missing here: a word, or text between double quotes");
    EXPECT_TRUE(complaint("colour = red").starts_with("1: there is no field colour"));
    EXPECT_EQ(complaint("(a or b"), "8: a ) is missing here");
    EXPECT_EQ(complaint("a b"), "3: \"and\" or \"or\" is missing before this");
    EXPECT_EQ(complaint("a )"), "3: there is no ( to this )");
    EXPECT_EQ(complaint("a and"), "6: a condition is missing here, such as title ~ bees");
    EXPECT_EQ(complaint("title ~ \"a"), "9: the quote that begins here doesn't end");
    EXPECT_EQ(complaint("!a"), "1: \"!\" is followed by = or ~; \"not\" turns a condition round");
}

TEST(a_condition, has_bounds)
{
    EXPECT_NE(complaint(std::string(100, '(') + "a" + std::string(100, ')')), "none");
    EXPECT_NE(complaint(std::string(5000, 'a')), "none");
    std::string nots;
    for (int i = 0; i < 100; ++i)
        nots += "not ";
    EXPECT_NE(complaint(nots + "a"), "none");
}

TEST(rules, all_apply_that_match)
{
    const rule_book book({{.match = "title ~ bees", .star = true, .tags = {"insects"}},
                          {.match = "title ~ wasps", .drop = true},
                          {.match = "author ~ wasp", .read = true, .run = {"true"}}});
    const verdict word = book.judge(bees);
    EXPECT_TRUE(word.star);
    EXPECT_TRUE(word.read);
    EXPECT_FALSE(word.drop);
    EXPECT_EQ(word.tags, (std::vector<std::string>{"spring", "insects"}));
    EXPECT_EQ(word.runs, std::vector<std::size_t>{2});
}

TEST(rules, of_one_feed_leave_others_alone)
{
    EXPECT_TRUE(rule_book({{.feed = "https://example.org/feed", .drop = true}}).judge(bees).drop);
    EXPECT_TRUE(rule_book({{.feed = "The Hive", .drop = true}}).judge(bees).drop);
    EXPECT_FALSE(rule_book({{.feed = "https://example.org/other", .drop = true}}).judge(bees).drop);
}

TEST(rules, see_what_those_before_them_have_done)
{
    const rule_book book(
        {{.match = "bees", .star = true, .tags = {"first"}}, {.match = "tag = first and starred", .tags = {"second"}}});
    EXPECT_EQ(book.judge(bees).tags, (std::vector<std::string>{"spring", "first", "second"}));
}

} // namespace
} // namespace rssmania
