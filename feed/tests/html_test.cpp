#include <feed/feed.hpp>

#include <gtest/gtest.h>

namespace {

std::string strict(std::string_view html) { return feed::sanitise_html(html); }

std::string compatible(std::string_view html)
{
    return feed::sanitise_html(html, {.policy = feed::markup_policy::compatible});
}

class attacks : public testing::TestWithParam<std::string_view> {};

bool looks_dangerous(std::string_view html)
{
    // Whatever a browser makes of it: no element that runs or loads, no handler, no address that runs.
    for (const std::string_view sign :
         {"<script", "<ScRiPt", "<iframe", "<object", "<embed", "<base", "<meta", "<style", "<link", " onerror=\"",
          " onload=\"", " onclick=\"", "=\"javascript:", "=\"vbscript:", "=\"data:text"})
        if (html.find(sign) != std::string_view::npos)
            return true;
    return false;
}

} // namespace

TEST_P(attacks, leave_nothing_that_runs)
{
    for (const std::string& clean : {strict(GetParam()), compatible(GetParam())})
        EXPECT_FALSE(looks_dangerous(clean)) << clean;
}

TEST_P(attacks, are_cleaned_once_for_all)
{
    for (const auto policy : {feed::markup_policy::strict, feed::markup_policy::compatible})
        for (const std::string_view base : {"", "http://example.org/a/b"})
            for (const bool xhtml : {false, true}) {
                const feed::sanitise_options how = {.policy = policy, .base_uri = base, .xhtml = xhtml};
                const std::string clean = feed::sanitise_html(GetParam(), how);
                EXPECT_EQ(feed::sanitise_html(clean, how), clean);
            }
}

TEST_P(attacks, take_in_nothing_of_the_page_behind_them)
{
    for (const std::string& clean : {"." + strict(GetParam()), "." + compatible(GetParam())})
        for (const std::string behind : {"b>", " onload=x()>"})
            EXPECT_TRUE(feed::html_to_text(clean + behind).ends_with(behind)) << clean;
}

INSTANTIATE_TEST_SUITE_P(
    known, attacks,
    testing::Values(
        "<script>alert(1)</script>", "<ScRiPt src=//e.org/x></sCrIpT>", "<img src=x onerror=alert(1)>",
        "<<blink>img src=x onerror=alert(1)>", "<a href='java&#115;cript:alert(1)'>x</a>",
        "<a href=' &#1; javascript:alert(1)'>x</a>", std::string_view("<a href='java+\0script:x'>x</a>", 30),
        "<<>>alert", "&<!-->a<b>", "<s>&nbbg", "a<base", "a<ScRiPt", "&#3<!-->9;",
        "<a href='java\tscript:alert(1)'>x</a>", "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
        "<img src=\"javascript:alert(1)\">", "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
        "<svg><animate attributeName=href values='javascript:alert(1)'/></svg>",
        "<math><mi xlink:href='data:text/html,<script>alert(1)</script>'>x</mi></math>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<textarea><!--</textarea><img src=x onerror=alert(1)>--></textarea>", "<!--><img src=x onerror=alert(1)>-->",
        "<!--a--!><img src=x onerror=alert(1)>", "<style><img src=x onerror=alert(1)></style>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>", "<object data='javascript:alert(1)'></object>",
        "<form action='javascript:alert(1)'><input type=submit></form>",
        "<p style='background:url(javascript:alert(1))'>x</p>", "<p style='width:expression(alert(1))'>x</p>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<img src='x' style='x' onload = 'alert(1)'/>",
        "<div title=\"a\"onclick=\"alert(1)\">x</div>", "<title><img src=x onerror=alert(1)></title>",
        "<base href='//e.org/'><meta http-equiv=refresh content='0;javascript:alert(1)'>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<select><template><img src=x onerror=alert(1)></template></select>", "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<a href=\"&NewLine;javascript:alert(1)\">x</a>", "<svg/><circle r=1>", "<img width=1 height=1 height=1>",
        "a\r\r\nb", "a &<>#39; b", "a< \n", "a<<>>", "a <<!---->b", "x <img", "a<\t<>\t", "&am<!-->p;lt;",
        "<embed src='http://e.org/?a=1&b&<c'>", "<a href=''>x</a>", "<a href=//////e.org/x>x</a>",
        "<a href='ja:va&#1<a;cript:x'>x</a>", "<svg><a xlink:href=#x><title/><desc>x</svg></a>"));

TEST(strict_policy, what_an_article_needs_stays)
{
    EXPECT_EQ(strict("<p>A <em>b</em> <img src='http://e.org/i.png' alt='i'></p>"),
              "<p>A <em>b</em> <img alt=\"i\" src=\"http://e.org/i.png\" /></p>");
}

TEST(strict_policy, links_open_no_doors)
{
    EXPECT_EQ(strict("<a href='http://e.org/'>x</a>"), "<a href=\"http://e.org/\" referrerpolicy=\"no-referrer\" "
                                                       "rel=\"noopener noreferrer nofollow\" target=\"_blank\">x</a>");
}

TEST(strict_policy, what_comes_out_is_balanced) { EXPECT_EQ(strict("</div><p>a<b>c"), "<p>a<b>c</b></p>"); }
TEST(strict_policy, a_picture_of_one_pixel_goes)
{
    EXPECT_EQ(strict("a<img src='http://t.example/' width=1 height=1>"), "a");
}

TEST(strict_policy, a_frame_becomes_a_link)
{
    EXPECT_NE(strict("<iframe src='https://v.example/1'></iframe>").find("<a href=\"https://v.example/1\""),
              std::string::npos);
}

TEST(strict_policy, forms_and_identifiers_go)
{
    EXPECT_EQ(strict("<form><p id='x' class='y'>a</p></form>"), "<p>a</p>");
}

TEST(compatible_policy, attributes_are_sorted_and_quoted)
{
    EXPECT_EQ(compatible("<IMG SRC=http://e.org/i ALT='a'>"), "<img alt=\"a\" src=\"http://e.org/i\" />");
}

TEST(compatible_policy, harmless_style_stays)
{
    EXPECT_EQ(compatible("<p style='color: red'>x</p>"), "<p style=\"color: red;\">x</p>");
}
TEST(compatible_policy, references_stay) { EXPECT_EQ(compatible("a&nbsp;&amp;&#8217;"), "a&nbsp;&amp;&#8217;"); }

TEST(compatible_policy, a_tag_that_was_cut_off_is_text) { EXPECT_EQ(compatible("x <img"), "x &lt;img"); }

TEST(sanitiser, frames_in_deep_nesting_are_cleaned_once_for_all)
{
    std::string deep;
    for (int i = 0; i < 300; ++i)
        deep.append("<div>");
    const std::string clean = strict(deep + "<iframe src='http://e.org/'></iframe>");
    EXPECT_EQ(strict(clean), clean);
}

TEST(sanitiser, text_on_both_sides_of_what_was_left_out_is_one)
{
    EXPECT_EQ(strict("a &am<script>x</script>p; b"), "a &amp; b");
    EXPECT_EQ(strict("a <<!---->b>"), "a &lt;b>");
}

TEST(sanitiser, relative_addresses_become_absolute)
{
    EXPECT_EQ(feed::sanitise_html("<img src='/i.png'>", {.base_uri = "http://e.org/a/b"}),
              "<img src=\"http://e.org/i.png\" />");
}

TEST(sanitiser, deep_nesting_costs_no_more_than_its_length)
{
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep.append("<div>");
    EXPECT_LT(strict(deep).size(), deep.size());
}

TEST(text_of_html, is_one_line_without_tags)
{
    EXPECT_EQ(feed::html_to_text("<p>a</p>\n<p>b &eacute; &#x41;</p>"), "a b é A");
}
TEST(text_of_html, has_no_scripts) { EXPECT_EQ(feed::html_to_text("a<script>x()</script>b"), "ab"); }

TEST(rendering, paragraphs_lists_and_links_are_laid_out)
{
    EXPECT_EQ(feed::render_html(
                  "<p>See <a "
                  "href='http://e.org/'>this</a>:</p><ul><li>one</li><li>two</li></ul><blockquote>said</blockquote>"),
              "See this[1]:\n\n• one\n• two\n\n> said\n\n[1] http://e.org/");
}

TEST(rendering, lines_are_wrapped) { EXPECT_EQ(feed::render_html("aaa bbb ccc", {.width = 7}), "aaa bbb\nccc"); }

TEST(rendering, no_control_reaches_the_terminal)
{
    const std::string shown = feed::render_html("a\x1B[31mb&#27;]0;x&#7; \xE2\x80\xAE"
                                                "c");
    for (const char c : shown)
        EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
    EXPECT_EQ(shown.find("\xE2\x80\xAE"), std::string::npos);
}

TEST(discovery, the_feeds_of_a_page_are_found_in_order)
{
    const auto found =
        feed::discover("<html><head><base href='/b/'><link rel='stylesheet' href='x.css'>"
                       "<LINK REL=\"alternate\" TYPE=application/rss+xml HREF=feed.xml title='A &amp; B'>"
                       "<link rel=alternate type='application/feed+json' href='/f.json'></head>",
                       "http://e.org/a/");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].href, "http://e.org/b/feed.xml");
    EXPECT_EQ(found[0].title, "A & B");
    EXPECT_EQ(found[1].href, "http://e.org/f.json");
}

TEST(discovery, links_in_scripts_and_comments_are_none)
{
    EXPECT_TRUE(feed::discover("<script>'<link rel=alternate type=application/rss+xml href=x>'</script>"
                               "<!--<link rel=alternate type=application/rss+xml href=x>-->",
                               "http://e.org/")
                    .empty());
}
