#include "text/printable.hpp"
#include "text/utf8.hpp"

#include <gtest/gtest.h>

namespace rssmania {
namespace {

TEST(printable_text, is_left_alone)
{
    EXPECT_EQ(printable("Crème brûlée, 蜂蜜 & 🐝 (no. 3)"), "Crème brûlée, 蜂蜜 & 🐝 (no. 3)");
}

TEST(printable_text, holds_no_escape_sequences)
{
    EXPECT_EQ(printable("\x1b[31mred\x1b[0m"), "[31mred[0m");
    EXPECT_EQ(printable("\x1b]0;title\x07text"), "]0;titletext");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "31mb"),
              "a31mb"); // CSI as one C1 character
}

TEST(printable_text, is_one_line) { EXPECT_EQ(printable("\n one\r\n\ttwo \xe2\x80\xa8 three  "), "one two three"); }

TEST(printable_text, is_never_reordered)
{
    EXPECT_EQ(printable("abc\xe2\x80\xae"
                        "def\xe2\x81\xa6"),
              "abcdef");
}

TEST(printable_text, does_not_grow_into_its_neighbours)
{
    std::string zalgo = "e";
    for (int i = 0; i < 50; ++i)
        zalgo += "\xcc\x81";
    EXPECT_EQ(printable(zalgo).size(), 1 + 4 * 2U);
}

TEST(printable_text, is_valid_utf8)
{
    EXPECT_EQ(printable("a\xff"
                        "b"),
              "a\xef\xbf\xbd"
              "b");
    EXPECT_EQ(printable("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");          // overlong
    EXPECT_EQ(printable("\xed\xa0\x80").substr(0, 3), "\xef\xbf\xbd");     // a surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80").substr(0, 3), "\xef\xbf\xbd"); // past U+10FFFF
    EXPECT_EQ(printable("\xe2\x82"), "\xef\xbf\xbd");                      // truncated
}

TEST(a_printable_url, is_one_word)
{
    EXPECT_EQ(printable_url("http://e.org/a b\"<c>"), "http://e.org/a%20b%22%3Cc%3E");
}

TEST(utf8_text, is_never_cut_inside_a_character)
{
    EXPECT_EQ(cut_utf8("aé", 2), "a");
    EXPECT_EQ(cut_utf8("aé", 3), "aé");
    EXPECT_EQ(cut_utf8("蜂", 2), "");
}

} // namespace
} // namespace rssmania
