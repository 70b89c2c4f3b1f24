#include "helpers.hpp"

#include <gtest/gtest.h>

namespace {

using namespace feed_test;

std::string many_items(int count)
{
    std::string items;
    for (int i = 0; i < count; ++i)
        items.append("<item><title>Entry ")
            .append(std::to_string(i))
            .append("</title><description>")
            .append(200, 'x')
            .append("</description></item>\n");
    return rss(items);
}

std::string in_pieces(std::string_view bytes, std::size_t size, const feed::options& how = {})
{
    feed::stream stream(how);
    for (std::size_t at = 0; at < bytes.size(); at += size)
        stream.add(bytes.substr(at, size));
    return feed::to_json(std::move(stream).finish());
}

std::string whole(std::string_view bytes, const feed::options& how = {})
{
    return feed::to_json(feed::parse(bytes, how));
}

} // namespace

TEST(stream, gives_entries_before_the_document_ends)
{
    const std::string bytes = many_items(1000);
    feed::stream stream;
    std::size_t seen = 0;
    stream.add(std::string_view(bytes).substr(0, bytes.size() / 2));
    for (const feed::entry& each : stream.fresh_entries())
        EXPECT_EQ(each.title.value, "Entry " + std::to_string(seen++));
    EXPECT_GT(seen, 400U);
    stream.add(std::string_view(bytes).substr(bytes.size() / 2));
    EXPECT_GT(stream.fresh_entries().size(), 400U);
    EXPECT_EQ(std::move(stream).finish().entries.size(), 1000U);
}

TEST(stream, gives_an_entry_once)
{
    const std::string bytes = many_items(100);
    feed::stream stream;
    stream.add(bytes);
    EXPECT_FALSE(stream.fresh_entries().empty());
    EXPECT_TRUE(stream.fresh_entries().empty());
}

TEST(stream, texts_are_views_of_what_came)
{
    std::string bytes = many_items(100);
    feed::stream stream;
    stream.add(bytes);
    const std::string_view title = stream.fresh_entries().front().title.value;
    bytes.assign(bytes.size(), '?'); // the pieces are not needed any longer
    EXPECT_EQ(title, "Entry 0");
}

TEST(stream, any_size_of_pieces_gives_the_same)
{
    const std::string bytes = "\xEF\xBB\xBF<?xml version='1.0'?>\r\n<!DOCTYPE rss [<!ENTITY a 'b'>]>\r\n" +
                              many_items(30) + "<!-- after - it -->\r\n<?end?> é & more";
    for (const std::size_t size : {1U, 2U, 3U, 5U, 4095U, 4096U, 100'000U})
        EXPECT_EQ(in_pieces(bytes, size), whole(bytes)) << size;
}

TEST(stream, a_document_that_breaks_off_anywhere_is_the_same)
{
    std::string bytes = many_items(20);
    bytes.append("<item><title a=\"b>c\" d='>'>x</title><![CDATA[ <y> ]]><!-- z --></item>");
    for (std::size_t end = bytes.size() - 90; end < bytes.size(); ++end) {
        const std::string_view part = std::string_view(bytes).substr(0, end);
        EXPECT_EQ(in_pieces(part, 64), whole(part)) << end;
    }
}

TEST(stream, a_byte_that_is_no_utf8_late_in_the_document_is_read_as_by_the_whole)
{
    std::string bytes = many_items(1000);
    bytes.replace(bytes.rfind("Entry 999"), 9, "caf\xE9 999 ");
    EXPECT_EQ(in_pieces(bytes, 1000), whole(bytes));
}

TEST(stream, a_control_character_late_in_the_document_is_read_as_by_the_whole)
{
    std::string bytes = many_items(1000);
    bytes.replace(bytes.rfind("Entry 999"), 5, "En\x01ry");
    EXPECT_EQ(in_pieces(bytes, 1000), whole(bytes));
}

TEST(stream, other_encodings_and_json_are_read_at_the_end)
{
    const std::string latin = "<?xml version='1.0' encoding='iso-8859-1'?>" + rss_item("<title>caf\xE9</title>");
    EXPECT_EQ(in_pieces(latin, 10), whole(latin));
    const std::string json = R"({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1"}]})";
    EXPECT_EQ(in_pieces(json, 10), whole(json));
}

TEST(stream, problems_name_the_same_places)
{
    std::string bytes = many_items(1000);
    bytes.insert(bytes.find("Entry 500"), "A & B ");
    feed::stream stream;
    for (std::size_t at = 0; at < bytes.size(); at += 999)
        stream.add(std::string_view(bytes).substr(at, 999));
    const feed::document streamed = std::move(stream).finish();
    const feed::document parsed = feed::parse(std::string_view(bytes));
    ASSERT_EQ(streamed.problems.size(), 1U);
    EXPECT_EQ(streamed.problems[0].line, parsed.problems[0].line);
    EXPECT_EQ(streamed.problems[0].column, parsed.problems[0].column);
}

TEST(stream, a_document_beyond_the_limit_is_cut_as_by_the_whole)
{
    feed::options how;
    how.limit.document = 50'000;
    const std::string bytes = many_items(1000);
    EXPECT_EQ(in_pieces(bytes, 1000, how), whole(bytes, how));
}
