#include "helpers.hpp"

#include <gtest/gtest.h>

using namespace feed_test;

namespace {

// The title of an entry that holds `fault`, and whether it was noticed; a second entry must follow unharmed.
std::string mended(std::string_view fault)
{
    const feed::document document = feed::parse(
        rss(std::string("<item><title>").append(fault).append("</title></item><item><title>Last</title></item>")));
    EXPECT_TRUE(document.bozo);
    EXPECT_EQ(document.entries.size(), 2U);
    EXPECT_EQ(document.entries.empty() ? "" : document.entries.back().title.value, "Last");
    return first_title(document);
}

} // namespace

TEST(recovery, a_bare_ampersand_is_text) { EXPECT_EQ(mended("A & B"), "A & B"); }
TEST(recovery, an_entity_of_html_is_its_character) { EXPECT_EQ(mended("a&ecirc;b"), "aêb"); }
TEST(recovery, an_unknown_entity_is_text) { EXPECT_EQ(mended("a&nosuch;b"), "a&nosuch;b"); }
TEST(recovery, a_control_character_is_left_out)
{
    EXPECT_EQ(mended("ab\x0C"
                     "cd"),
              "abcd");
}
TEST(recovery, a_reference_to_a_control_is_left_out) { EXPECT_EQ(mended("ab&#x10;cd"), "abcd"); }
TEST(recovery, a_reference_beyond_unicode_is_the_replacement) { EXPECT_EQ(mended("a&#x110000;"), "a\xEF\xBF\xBD"); }
TEST(recovery, a_reference_that_overflows_is_the_replacement)
{
    EXPECT_EQ(mended("a&#99999999999999999999;"), "a\xEF\xBF\xBD");
}
TEST(recovery, two_halves_of_a_character_are_joined) { EXPECT_EQ(mended("&#xD83D;&#xDE00;"), "\xF0\x9F\x98\x80"); }
TEST(recovery, a_bracket_that_starts_no_tag_is_text) { EXPECT_EQ(mended("1 < 2"), "1 < 2"); }

TEST(recovery, an_element_left_open_ends_with_the_one_around_it)
{
    const auto document =
        feed::parse(rss("<item><title>One<link>http://e.org/1</item><item><title>Last</title></item>"));
    EXPECT_EQ(document.entries.size(), 2U);
    EXPECT_EQ(document.entries.back().title.value, "Last");
    EXPECT_TRUE(document.bozo);
}

TEST(recovery, crossed_tags_are_uncrossed)
{
    const auto document = feed::parse(rss("<item><title>One</item></title><item><title>Last</title></item>"));
    EXPECT_EQ(document.entries.size(), 2U);
    EXPECT_EQ(document.entries.back().title.value, "Last");
}

TEST(recovery, an_undeclared_prefix_has_its_usual_meaning)
{
    const auto document = feed::parse(rss_item("<media:thumbnail url='http://e.org/t.png'/>"));
    EXPECT_TRUE(document.bozo);
    ASSERT_NE(document.entries.at(0).media, nullptr);
    EXPECT_EQ(document.entries.at(0).media->thumbnails[0].value_of("url"), "http://e.org/t.png");
}

TEST(recovery, what_stands_before_a_cut_is_kept)
{
    const auto document = feed::parse("<rss version='2.0'><channel><item><title>One</title></item><item><ti");
    EXPECT_TRUE(document.bozo);
    EXPECT_EQ(first_title(document), "One");
}

TEST(recovery, text_around_the_feed_is_passed_over)
{
    const auto document = feed::parse("Warning: PHP\n" + rss_item("<title>One</title>") + "<br>Fatal error");
    EXPECT_TRUE(document.bozo);
    EXPECT_EQ(first_title(document), "One");
}

TEST(recovery, an_attribute_without_quotes_is_read)
{
    const auto document = feed::parse(rss_item("<enclosure url=http://e.org/a.mp3 type=audio/mpeg />"));
    ASSERT_NE(document.entries.at(0).link_to("enclosure"), nullptr);
    EXPECT_EQ(document.entries.at(0).link_to("enclosure")->href, "http://e.org/a.mp3");
}

TEST(recovery, of_two_attributes_of_a_name_the_first_counts)
{
    const auto document = feed::parse(rss_item("<enclosure url='http://e.org/1' url='http://e.org/2'/>"));
    EXPECT_TRUE(document.bozo);
    EXPECT_EQ(document.entries.at(0).link_to("enclosure")->href, "http://e.org/1");
}

TEST(recovery, an_entry_in_a_text_that_was_not_closed_is_an_entry)
{
    const auto document = feed::parse(
        rss("<item><title>One</title><description>a <b>c<item><title>Two</title></item></description></item>"));
    ASSERT_EQ(document.entries.size(), 2U);
    EXPECT_EQ(document.entries[1].title.value, "Two");
}

TEST(recovery, a_problem_names_its_line_and_column)
{
    const auto document = feed::parse("<rss version='2.0'>\n<channel>\n <title>a & b</title></channel></rss>");
    ASSERT_EQ(document.problems.size(), 1U);
    EXPECT_EQ(document.problems[0].line, 3U);
    EXPECT_EQ(document.problems[0].column, 11U);
    EXPECT_EQ(document.problems[0].what, "an \"&\" stands alone");
    EXPECT_EQ(document.problems[0].done, "taken as text");
}

TEST(recovery, well_formed_documents_have_no_problems)
{
    const auto document = feed::parse(rss_item("<title>A &amp; B</title><description><![CDATA[<b>x]]></description>"));
    EXPECT_FALSE(document.bozo);
    EXPECT_EQ(document.problem_count, 0U);
}

TEST(entities, those_that_a_document_declares_are_read)
{
    const auto document = feed::parse(
        "<!DOCTYPE rss [<!ENTITY me \"Mark\">]><rss version='2.0'><channel><title>&me;</title></channel></rss>");
    EXPECT_FALSE(document.bozo);
    EXPECT_EQ(document.title.value, "Mark");
}

TEST(entities, those_made_of_entities_are_not)
{
    const auto document = feed::parse("<!DOCTYPE rss [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
                                      "<rss version='2.0'><channel><title>&b;</title></channel></rss>");
    EXPECT_TRUE(document.bozo);
    EXPECT_EQ(document.title.value, "&b;");
}

TEST(entities, files_are_never_read)
{
    const auto document = feed::parse("<!DOCTYPE rss [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                                      "<rss version='2.0'><channel><title>&f;</title></channel></rss>");
    EXPECT_EQ(document.title.value, "&f;");
}

TEST(encodings, the_declaration_is_followed)
{
    EXPECT_EQ(feed::parse("<?xml version='1.0' encoding='windows-1251'?><rss "
                          "version='2.0'><channel><title>\xCF\xF0</title></channel></rss>")
                  .title.value,
              "Пр");
}

TEST(encodings, valid_utf8_wins_over_a_wrong_label)
{
    const auto document = feed::parse(
        "<?xml version='1.0' encoding='windows-1251'?><rss version='2.0'><channel><title>Пр</title></channel></rss>");
    EXPECT_EQ(document.title.value, "Пр");
    EXPECT_EQ(document.encoding, "utf-8");
    EXPECT_TRUE(document.bozo);
}

TEST(encodings, one_bad_byte_costs_one_character)
{
    const auto document =
        feed::parse("<rss version='2.0'><channel><title>Žluťoučký kůň\xFF příšerně</title></channel></rss>");
    EXPECT_EQ(document.title.value, "Žluťoučký kůň\xEF\xBF\xBD příšerně");
    EXPECT_TRUE(document.bozo);
}

TEST(encodings, utf16_is_told_by_its_mark)
{
    std::string bytes("\xFF\xFE", 2);
    for (const char c : std::string_view("<rss version='2.0'><channel><title>A</title></channel></rss>"))
        bytes.append({c, '\0'});
    const auto document = feed::parse(std::string_view(bytes));
    EXPECT_EQ(document.title.value, "A");
    EXPECT_EQ(document.encoding, "utf-16le");
}

TEST(encodings, the_header_is_followed)
{
    const auto document = feed::parse("<rss version='2.0'><channel><title>\xC1</title></channel></rss>",
                                      {.content_type = "application/rss+xml; charset=koi8-r"});
    EXPECT_EQ(document.title.value, "а");
}

TEST(recovery, an_address_in_angle_brackets_is_text)
{
    const auto document =
        feed::parse(rss_item("<author>Ann <ann@e.org></author><title>See <https://e.org/a?b> there</title>"));
    EXPECT_EQ(document.entries[0].author_detail.name, "Ann");
    EXPECT_EQ(document.entries[0].author_detail.email, "ann@e.org");
    EXPECT_EQ(document.entries[0].title.value, "See <https://e.org/a?b> there");
    EXPECT_TRUE(document.bozo);
}

TEST(problems, quote_whole_characters_of_the_document)
{
    // Twelve bytes are quoted, the twelfth being the first half of a letter.
    const auto document = feed::parse("<rss><channel><title><![1ÿÿ\nÿÿ></title></channel></rss>");
    ASSERT_FALSE(document.problems.empty());
    EXPECT_EQ(document.problems[0].what, "\"<![1ÿÿ\nÿ\" is no markup");
}

TEST(problems, of_a_json_feed_whose_text_is_cut_leave_whole_characters)
{
    const auto document =
        feed::parse(R"({"version":"https://jsonfeed.org/version/1","title":"aÿÿ","items":[]})", {.limit = {.text = 4}});
    EXPECT_EQ(document.title.value, "aÿ");
}

TEST(problems, of_the_encoding_keep_the_names_that_they_tell)
{
    const auto document = feed::parse("<rss version='2.0'><channel><title>Žluťoučký</title></channel></rss>",
                                      {.content_type = "text/xml; charset=iso-8859-2"});
    ASSERT_FALSE(document.problems.empty());
    EXPECT_EQ(document.problems[0].what, "document declared as iso-8859-2, but parsed as utf-8");
}

TEST(problems, of_a_date_name_the_line_that_it_is_on)
{
    for (const std::string_view date : {"<pubDate>soon</pubDate>", "<pubDate>&#115;oon</pubDate>",
                                        "<pubDate><![CDATA[soon]]></pubDate>", "<pubDate>s<!-- -->oon</pubDate>"}) {
        const auto document = feed::parse(std::string("<rss version='2.0'><channel><title>A</title>\n<item>\n<title>B"
                                                      "</title>")
                                              .append(date)
                                              .append("\n</item>\n</channel></rss>"));
        ASSERT_EQ(document.problems.size(), 1U) << date;
        EXPECT_EQ(document.problems[0].what, "\"soon\" is no date that could be read");
        EXPECT_EQ(document.problems[0].line, 3U) << date;
    }
}

TEST(problems, of_a_text_that_is_cut_leave_whole_characters)
{
    const auto document =
        feed::parse("<rss version='2.0'><channel><title>aÿÿ</title></channel></rss>", {.limit = {.text = 4}});
    EXPECT_EQ(document.title.value, "aÿ");
}

TEST(what_stands_before_a_feed, says_nothing_about_it)
{
    const std::string page = "<html><title>Error</title><id>1</id><link rel='alternate' href='http://e.org/no'/><p>";
    const auto document = feed::parse(page + atom("<link href='http://e.org/'/>"));
    EXPECT_EQ(document.title.value, "Feed");
    EXPECT_TRUE(document.id.empty());
    ASSERT_EQ(document.links.size(), 1U);
    EXPECT_EQ(document.link, "http://e.org/");
}

TEST(what_stands_before_a_feed, takes_no_text_of_it_if_it_was_not_closed)
{
    for (const std::string_view open : {"// <id> is never\n", "<title>500 ", "<html><body><summary>x"}) {
        const auto document = feed::parse(std::string(open) + atom("<id>urn:a</id>"));
        EXPECT_EQ(document.id, "urn:a") << open;
        EXPECT_EQ(document.title.value, "Feed") << open;
        EXPECT_FALSE(document.summary) << open;
    }
}
