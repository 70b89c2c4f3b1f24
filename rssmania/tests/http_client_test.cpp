#include "demo/sample_site.hpp"
#include "fetch/http_client.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

class the_client : public ::testing::Test {
protected:
    http_answer ask(const std::string& path, validators known = {})
    {
        return ask_address(site_.address(path), std::move(known));
    }

    http_answer ask_address(const std::string& url, validators known = {})
    {
        http_client client(options_);
        client.start({.tag = 7, .url = url, .known = std::move(known), .known_from = {}});
        while (client.running() > 0) {
            auto answers = client.wait(10s);
            if (!answers.empty())
                return std::move(answers.front());
        }
        ADD_FAILURE() << "no answer";
        return {};
    }

    sample_site site_{{}};
    http_options options_{.limits = {}, .allow_local = true};
};

TEST_F(the_client, brings_the_body_and_what_was_said_of_it)
{
    const http_answer answer = ask("/hive.rss");
    EXPECT_FALSE(answer.wrong);
    EXPECT_EQ(answer.tag, 7U);
    EXPECT_EQ(answer.facts.status, 200);
    EXPECT_EQ(answer.content_type, "application/rss+xml; charset=utf-8");
    EXPECT_EQ(answer.facts.fresh.etag, "W/\"hive.rss-3\"");
    EXPECT_NE(answer.body.find("The Hive Gazette"), std::string::npos);
}

TEST_F(the_client, sends_both_validators_back_as_they_came)
{
    const http_answer answer = ask("/hive.rss", {"W/\"hive.rss-3\"", "Thu, 01 Jan 1970 00:00:07 GMT"});
    EXPECT_EQ(answer.facts.status, 304);
    EXPECT_FALSE(answer.wrong);
    const seen_request seen = site_.requests_for("/hive.rss").at(0);
    EXPECT_EQ(seen.header("if-none-match"), "W/\"hive.rss-3\"");
    EXPECT_EQ(seen.header("if-modified-since"), "Thu, 01 Jan 1970 00:00:07 GMT");
}

TEST_F(the_client, says_who_asks_and_nothing_it_need_not)
{
    (void)ask("/hive.rss");
    const seen_request seen = site_.requests_for("/hive.rss").at(0);
    EXPECT_TRUE(seen.header("user-agent").starts_with("Rssmania/"));
    EXPECT_EQ(seen.header("accept-encoding"), "gzip, deflate, br, zstd");
    EXPECT_NE(seen.header("accept").find("application/atom+xml"), std::string::npos);
    for (const char* absent : {"cookie", "referer", "cache-control", "if-none-match", "if-modified-since"})
        EXPECT_EQ(seen.headers.count(absent), 0U) << absent;
}

TEST_F(the_client, leaves_the_body_encoded)
{
    const http_answer answer = ask("/faults/gzip");
    EXPECT_EQ(answer.content_encoding, "gzip");
    EXPECT_TRUE(answer.body.starts_with("\x1f\x8b"));
}

TEST_F(the_client, follows_redirects)
{
    const http_answer answer = ask("/faults/hops/3");
    EXPECT_FALSE(answer.wrong);
    EXPECT_EQ(answer.facts.url, site_.address("/faults/plain"));
    EXPECT_NE(answer.body.find("plain"), std::string::npos);
}

TEST_F(the_client, follows_ten_redirects_and_no_more)
{
    EXPECT_FALSE(ask("/faults/hops/9").wrong);
    EXPECT_EQ(ask("/faults/hops/10").wrong, (problem{problem_kind::too_many_hops, "10"}));
}

TEST_F(the_client, notices_redirects_in_a_circle)
{
    EXPECT_EQ(ask("/faults/circle").wrong.kind, problem_kind::redirect_circle);
}

TEST_F(the_client, goes_to_no_other_scheme)
{
    EXPECT_EQ(ask("/faults/to-file").wrong.kind, problem_kind::redirect_refused);
    EXPECT_EQ(ask_address("file:///etc/passwd").wrong.kind, problem_kind::bad_address);
}

TEST_F(the_client, connects_to_no_local_address_unless_allowed)
{
    options_.allow_local = false;
    EXPECT_EQ(ask("/hive.rss").wrong, (problem{problem_kind::refused_address, "127.0.0.1"}));
    EXPECT_EQ(ask_address("http://2130706433:" + std::to_string(site_.port()) + "/hive.rss").wrong.kind,
              problem_kind::refused_address);
    EXPECT_TRUE(site_.requests_for("/hive.rss").empty());
}

TEST_F(the_client, reports_the_status)
{
    EXPECT_EQ(ask("/faults/status/404").wrong, (problem{problem_kind::http_status, "404"}));
    EXPECT_EQ(ask("/faults/status/503").wrong, (problem{problem_kind::http_status, "503"}));
}

TEST_F(the_client, reports_a_server_that_is_not_there)
{
    std::string address;
    {
        const sample_site gone{{}};
        address = gone.address("/hive.rss");
    }
    EXPECT_EQ(ask_address(address).wrong.kind, problem_kind::unreachable);
}

TEST_F(the_client, stops_at_the_size_limit)
{
    options_.limits.body = 100'000;
    const http_answer answer = ask("/faults/huge");
    EXPECT_EQ(answer.wrong, (problem{problem_kind::too_large, "100000"}));
    EXPECT_TRUE(answer.body.empty());
}

TEST_F(the_client, stops_at_too_many_headers)
{
    EXPECT_EQ(ask("/faults/headers").wrong.kind, problem_kind::headers_too_large);
}

TEST_F(the_client, does_not_wait_for_a_silent_server)
{
    options_.limits.first_byte = 200ms;
    EXPECT_EQ(ask("/faults/silent").wrong, (problem{problem_kind::no_first_byte, "0.2"}));
}

TEST_F(the_client, does_not_wait_for_a_dripping_server)
{
    options_.limits.total = 300ms;
    EXPECT_EQ(ask("/faults/drip").wrong, (problem{problem_kind::too_slow, "0.3"}));
}

TEST_F(the_client, takes_no_half_document)
{
    const http_answer answer = ask("/faults/truncated");
    EXPECT_EQ(answer.wrong.kind, problem_kind::truncated);
    EXPECT_TRUE(answer.body.empty());
}

TEST_F(the_client, lets_nobody_wait_for_a_slow_one)
{
    http_client client(options_);
    client.start({.tag = 1, .url = site_.address("/faults/silent"), .known = {}, .known_from = {}});
    client.start({.tag = 2, .url = site_.address("/hive.rss"), .known = {}, .known_from = {}});
    const auto answers = client.wait(10s);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].tag, 2U);
    EXPECT_EQ(client.running(), 1U);
}

TEST_F(the_client, wakes_when_told_to)
{
    http_client client(options_);
    std::thread other([&] { client.wake(); });
    EXPECT_TRUE(client.wait(1h).empty());
    other.join();
}

} // namespace
} // namespace rssmania
