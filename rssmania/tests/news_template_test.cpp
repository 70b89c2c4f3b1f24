// How an article is written in the user's words.
#include "announce/news_template.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

news some_news()
{
    return {.id = 7,
            .kind = news_kind::article,
            .feed_url = "https://me:hush@example.org/feed",
            .feed_title = "The Hive",
            .what = {.id = "guid",
                     .link = "https://example.org/1",
                     .title = "Bees are back",
                     .author = "A. Wasp",
                     .content = "<p>All about <b>honey</b></p>",
                     .published = unix_time(1'700'000'000s)},
            .tags = {"a", "b"}};
}

std::string filled(const std::string& text) { return news_template(text).fill(some_news()); }

TEST(a_template, has_named_fields)
{
    EXPECT_EQ(filled("{feed}: {title} by {author}"), "The Hive: Bees are back by A. Wasp\n");
    EXPECT_EQ(filled("{event} {id} {link} {tags} {text}"), "7 guid https://example.org/1 a, b All about honey\n");
}

TEST(a_template, shows_no_secrets) { EXPECT_EQ(filled("{url}"), "https://example.org/feed\n"); }

TEST(a_template, cuts_what_is_too_long)
{
    EXPECT_EQ(filled("{title:4}|"), "Bee…|\n");
    EXPECT_EQ(filled("{title:13}|"), "Bees are back|\n");
}

TEST(a_template, writes_times_as_one_wants)
{
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    EXPECT_EQ(filled("{published:%d.%m.%Y}"), "14.11.2023\n");
    EXPECT_EQ(filled("{published}"), "2023-11-14 22:13\n");
    EXPECT_EQ(filled("{updated}|"), "|\n");
}

TEST(a_template, has_braces_and_line_ends_where_they_are_written_so)
{
    EXPECT_EQ(filled("{{{title}}}\\n\\\\"), "{Bees are back}\n\\\n");
}

TEST(a_template, that_ends_a_line_ends_it_once) { EXPECT_EQ(filled("{id}\\n"), "guid\n"); }

TEST(a_template, lets_no_control_character_through)
{
    news event = some_news();
    event.what.title = "\x1b[31mred\r\n\x07 title";
    event.feed_title = "\xc2\x9b feed";
    for (const char c : news_template("{title}{feed}").fill(event))
        EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
}

TEST(a_template, is_not_filled_again_by_what_it_is_filled_with)
{
    news event = some_news();
    event.what.title = "{link} %n%n%s {}";
    EXPECT_EQ(news_template("{title}").fill(event), "{link} %n%n%s {}\n");
}

TEST(a_template, that_makes_no_sense_is_refused)
{
    for (const char* text : {"{colour}", "{title", "title}", "{title:x}", "{title:0}", "{published:%q}",
                             "{published:x}", "{published:%}", "{published:%Y{}", "{}"})
        EXPECT_THROW(news_template{text}, template_error) << text;
}

} // namespace
} // namespace rssmania
