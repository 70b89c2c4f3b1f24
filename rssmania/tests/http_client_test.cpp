#include "demo/sample_site.hpp"
#include "fetch/http_client.hpp"
#include "fetch/memory_budget.hpp"
#include "fetch/network_sense.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
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

// A server of its own, that remembers the last request for each path and answers as it is told.
class a_wish : public ::testing::Test {
protected:
    http_answer ask(http_request request, http_options options = {.allow_local = true})
    {
        http_client client(options);
        request.tag = 1;
        client.start(std::move(request));
        for (;;) {
            auto answers = client.wait(10s);
            if (!answers.empty())
                return std::move(answers.front());
        }
    }
    [[nodiscard]] seen_request seen(const std::string& path)
    {
        const std::scoped_lock lock(mutex_);
        return seen_.at(path);
    }

    std::mutex mutex_;
    std::map<std::string, seen_request> seen_; // guarded by mutex_
    std::map<std::string, server_reply> replies_;
    http_server server_{0, [this](const seen_request& request) {
                            const std::scoped_lock lock(mutex_);
                            seen_[request.path] = request;
                            const auto found = replies_.find(request.path);
                            return found == replies_.end() ? server_reply{.body = "hello"} : found->second;
                        }};
    http_server other_{0, [this](const seen_request& request) {
                           const std::scoped_lock lock(mutex_);
                           seen_["other" + request.path] = request;
                           return server_reply{.body = "hello"};
                       }};
};

TEST_F(a_wish, for_credentials_is_for_the_feeds_own_server_alone)
{
    replies_["/feed"] = {.status = 302, .headers = {{"Location", other_.address("/feed")}}};
    const access how{.user = "ann", .password = "beeswax"};
    EXPECT_FALSE(ask({.url = server_.address("/feed"), .how = how}).wrong);
    EXPECT_EQ(seen("/feed").header("authorization"), "Basic YW5uOmJlZXN3YXg=");
    EXPECT_EQ(seen("other/feed").header("authorization"), "");
}

TEST_F(a_wish, for_another_name_is_heard)
{
    (void)ask({.url = server_.address("/feed"), .how = {.user_agent = "Own/1"}});
    EXPECT_EQ(seen("/feed").header("user-agent"), "Own/1");
}

TEST_F(a_wish, for_a_proxy_goes_there_with_the_whole_address)
{
    const http_answer answer =
        ask({.url = "http://feeds.example/bees", .how = {.proxy = server_.address("")}}, {.allow_local = false});
    EXPECT_FALSE(answer.wrong) << answer.wrong.detail;
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(seen("http://feeds.example/bees").header("host"), "feeds.example");
}

TEST_F(a_wish, for_a_proxy_opens_no_way_to_this_machine)
{
    for (const char* url :
         {"http://127.0.0.1/", "http://localhost/", "http://0x7f.1/", "http://[::1]/", "http://10.1.2.3/"})
        EXPECT_EQ(ask({.url = url, .how = {.proxy = server_.address("")}}, {.allow_local = false}).wrong.kind,
                  problem_kind::refused_address)
            << url;
}

TEST_F(a_wish, for_a_local_host_admits_that_one_alone)
{
    const std::string own = "127.0.0.1:" + std::to_string(server_.port());
    EXPECT_FALSE(ask({.url = server_.address("/"), .how = {.hosts_allowed = "nas.local " + own}}, {}).wrong);
    EXPECT_EQ(ask({.url = other_.address("/"), .how = {.hosts_allowed = own}}, {}).wrong.kind,
              problem_kind::refused_address);
    replies_["/away"] = {.status = 302, .headers = {{"Location", other_.address("/")}}};
    EXPECT_EQ(ask({.url = server_.address("/away"), .how = {.hosts_allowed = own}}, {}).wrong.kind,
              problem_kind::refused_address);
}

TEST_F(a_wish, for_what_is_new_only_is_sent_with_a_tag_and_its_answer_taken)
{
    replies_["/feed"] = {.status = 226, .headers = {{"ETag", "\"b\""}, {"IM", "feed"}}, .body = "new"};
    const http_options deltas{.allow_local = true, .deltas = true};
    const http_answer answer = ask({.url = server_.address("/feed"), .known = {"\"a\"", ""}}, deltas);
    EXPECT_FALSE(answer.wrong);
    EXPECT_EQ(seen("/feed").header("a-im"), "feed");
    EXPECT_EQ(answer.facts.fresh.etag, "\"b\"");
    (void)ask({.url = server_.address("/feed")}, deltas);
    EXPECT_EQ(seen("/feed").header("a-im"), "");
}

TEST_F(a_wish, a_part_that_nobody_asked_for_is_refused)
{
    replies_["/feed"] = {.status = 226, .body = "new"};
    EXPECT_EQ(ask({.url = server_.address("/feed"), .known = {"\"a\"", ""}}).wrong,
              (problem{problem_kind::http_status, "226"}));
}

TEST_F(a_wish, to_be_told_apart_by_everything_makes_nothing_fresh)
{
    replies_["/feed"] = {.headers = {{"Cache-Control", "max-age=600"}}, .body = "x"};
    EXPECT_EQ(ask({.url = server_.address("/feed")}).facts.wishes.fresh_for, 600s);
    replies_["/feed"].headers.push_back({"Vary", "*"});
    EXPECT_EQ(ask({.url = server_.address("/feed")}).facts.wishes.fresh_for, std::nullopt);
}

TEST_F(a_wish, to_dawdle_for_ever_is_not_granted)
{
    replies_["/feed"] = {.body = "x", .pause = 50ms, .repeat = 100'000};
    http_options options{.allow_local = true};
    options.limits.slow_window = 500ms;
    EXPECT_EQ(ask({.url = server_.address("/feed")}, options).wrong.kind, problem_kind::too_slow);
}

TEST_F(a_wish, to_send_much_waits_for_memory_and_is_granted_one_by_one)
{
    replies_["/large"] = {.body = std::string(1U << 20U, 'x'), .repeat = 4};
    http_options options{.allow_local = true, .connections_per_host = 8};
    options.limits.memory = 6U << 20U; // of eight that want four each
    http_client client(options);
    for (std::uint64_t tag = 1; tag <= 8; ++tag)
        client.start({.tag = tag, .url = server_.address("/large")});
    std::size_t whole = 0;
    std::size_t held = 0;
    std::size_t most_held = 0;
    std::vector<http_answer> in_hand;
    while (whole < 8) {
        for (http_answer& each : client.wait(10s)) { // none, if it was what we gave back that ended the wait
            EXPECT_EQ(each.body.size(), 4U << 20U);
            ++whole;
            held += each.held;
            most_held = std::max(most_held, held);
            in_hand.push_back(std::move(each));
        }
        for (; !in_hand.empty(); in_hand.pop_back()) {
            held -= in_hand.back().held;
            client.release(in_hand.back().tag, in_hand.back().held);
        }
    }
    EXPECT_LE(most_held, 12U << 20U);
}

TEST(a_memory_budget, lets_one_go_on_when_it_is_empty_and_the_others_wait)
{
    memory_budget memory(100, 10);
    EXPECT_TRUE(memory.take(1, 0, 110));
    EXPECT_TRUE(memory.take(2, 0, 10));  // its share
    EXPECT_TRUE(memory.take(2, 10, 50)); // the favourite
    EXPECT_FALSE(memory.take(3, 0, 11));
    EXPECT_TRUE(memory.take(2, 60, 50));
    EXPECT_TRUE(memory.give_back(2, 110));
    EXPECT_TRUE(memory.has_been_refilled());
    EXPECT_FALSE(memory.has_been_refilled());
    EXPECT_TRUE(memory.take(3, 0, 11));
    EXPECT_EQ(memory.drawn(), 101U);
}

class the_sense_of_the_network : public ::testing::Test {
protected:
    static http_answer without_name(const std::string& host)
    {
        http_answer answer{.no_name = true};
        answer.facts.url = "http://" + host + "/feed";
        return answer;
    }
    static http_answer good(const std::string& host)
    {
        http_answer answer;
        answer.facts.url = "http://" + host + "/feed";
        return answer;
    }

    bool route_ = true;
    network_sense sense_{[this] { return route_; }};
};

TEST_F(the_sense_of_the_network, takes_failures_without_a_route_for_ours)
{
    EXPECT_FALSE(sense_.is_offline(without_name("a.example")));
    route_ = false;
    EXPECT_TRUE(sense_.is_offline(without_name("a.example")));
    http_answer refused = good("b.example");
    refused.no_connection = true;
    EXPECT_TRUE(sense_.is_offline(refused));
}

TEST_F(the_sense_of_the_network, takes_names_that_nobody_can_tell_for_ours)
{
    EXPECT_FALSE(sense_.is_offline(without_name("a.example")));
    EXPECT_FALSE(sense_.is_offline(without_name("a.example")));
    EXPECT_FALSE(sense_.is_offline(without_name("b.example")));
    EXPECT_TRUE(sense_.is_offline(without_name("c.example")));
    EXPECT_FALSE(sense_.is_offline(good("d.example")));
    EXPECT_FALSE(sense_.is_offline(without_name("a.example")));
}

TEST_F(the_sense_of_the_network, does_not_listen_to_this_machine)
{
    route_ = false;
    http_answer refused = good("127.0.0.1:1");
    refused.no_connection = true;
    EXPECT_FALSE(sense_.is_offline(refused));
}

} // namespace
} // namespace rssmania
