#include "helpers.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <ostream>

using namespace feed_test;

namespace {

std::string repeated(std::string_view part, std::size_t times)
{
    std::string result;
    result.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        result.append(part);
    return result;
}

// Documents that grow a cost with the square of their length in a parser that is not careful.
struct hostile {
    std::string_view start;
    std::string_view repeated;

    friend void PrintTo(const hostile& each, std::ostream* out) { *out << each.start << each.repeated; }
};

class hostile_documents : public testing::TestWithParam<hostile> {};

// What this thread has used: others on the machine don't count.
double processor_seconds()
{
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

double seconds_for(const hostile& what, std::size_t times)
{
    const std::string text =
        std::string("<rss version='2.0'><channel>").append(what.start).append(repeated(what.repeated, times));
    const double start = processor_seconds();
    const feed::document document = feed::parse(std::string_view(text));
    EXPECT_EQ(document.format, feed::format::rss20);
    return processor_seconds() - start;
}

} // namespace

// Eight times the length may take sixteen times as long on a machine that does other things too; the square would
// be 64.
TEST_P(hostile_documents, take_time_in_proportion_to_their_length)
{
    const double small = std::max({seconds_for(GetParam(), 20'000), seconds_for(GetParam(), 20'000), 0.01});
    EXPECT_LT(seconds_for(GetParam(), 160'000), small * 24);
}

INSTANTIATE_TEST_SUITE_P(
    of_all_kinds, hostile_documents,
    testing::Values(hostile{"<item><description>", "<b>"}, hostile{"<item><description>", "<!--"},
                    hostile{"<item><description>", "&lt;!--"}, hostile{"<item><description>", "&lt;a href=\""},
                    hostile{"<item><title>", "<"}, hostile{"<item><title>", "&"}, hostile{"<item><title>", "&#"},
                    hostile{"<item ", " a='b'"}, hostile{"<item ", "a=\""}, hostile{"<item><title>", "<![CDATA["},
                    hostile{"", "<?x "}, hostile{"", "<item><title>x"}, hostile{"", "</x>"},
                    hostile{"<item>", "<category>a</category>"}, hostile{"<item>", "<x xmlns:a='b'>"},
                    hostile{"<item><description>", "&lt;div>"}, hostile{"<item><description>", "&lt;/b>"},
                    hostile{"<item><description>", "&lt;script>"}, hostile{"<item><pubDate>", "1 "},
                    hostile{"<item><author>", "a@"}, hostile{"<item><description>", "\"'"}));

TEST(limits, more_entries_than_allowed_are_left_out)
{
    feed::options how;
    how.limit.entries = 3;
    const auto document = feed::parse(rss(repeated("<item><title>x</title></item>", 5)), how);
    EXPECT_EQ(document.entries.size(), 3U);
    EXPECT_TRUE(document.truncated);
}

TEST(limits, a_text_longer_than_allowed_is_cut_off)
{
    feed::options how;
    how.limit.text = 100;
    const auto document = feed::parse(rss_item("<description>" + std::string(1000, 'x') + "</description>"), how);
    EXPECT_EQ(document.entries.at(0).summary.value.size(), 100U);
}

TEST(limits, entities_grow_a_document_no_more_than_allowed)
{
    feed::options how;
    how.limit.expansion = 1000;
    const std::string text = "<!DOCTYPE rss [<!ENTITY a \"" + std::string(100, 'a') +
                             "\">]><rss version='2.0'><channel><title>" + repeated("&a;", 1000) +
                             "</title></channel></rss>";
    EXPECT_LT(feed::parse(std::string_view(text), how).title.value.size(), 1000U + 1000U * 3);
}

TEST(limits, problems_are_counted_but_not_all_told)
{
    const auto document = feed::parse(rss_item("<title>" + repeated("& ", 1000) + "</title>"));
    EXPECT_EQ(document.problems.size(), 100U);
    EXPECT_EQ(document.problem_count, 1000U);
}

TEST(limits, deep_elements_are_flattened)
{
    const auto document =
        feed::parse(rss_item("<title>One</title>" + repeated("<x>", 100'000) + repeated("</x>", 100'000)));
    EXPECT_EQ(first_title(document), "One");
}
