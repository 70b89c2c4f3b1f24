// What goes to whom on a way through redirects, and what is learnt from it. Against a real server.
#include "demo/http_server.hpp"
#include "fetch/http_client.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

class a_redirect : public ::testing::Test {
protected:
    // What the server gives at `path`, if not an empty 200.
    void at(const std::string& path, server_reply reply) { replies_[path] = std::move(reply); }
    void leads(const std::string& path, int status, const std::string& target)
    {
        at(path, {.status = status, .headers = {{"Location", server_.address(target)}}, .body = {}});
    }

    http_answer ask(const std::string& path, validators known = {}, const std::string& known_from = {})
    {
        http_client client({.limits = {}, .allow_local = true});
        client.start({.tag = 1,
                      .url = server_.address(path),
                      .known = std::move(known),
                      .known_from = known_from.empty() ? std::string() : server_.address(known_from)});
        for (;;) {
            auto answers = client.wait(10s);
            if (!answers.empty())
                return std::move(answers.front());
        }
    }

    [[nodiscard]] std::string condition_sent_to(const std::string& path)
    {
        const std::scoped_lock lock(mutex_);
        return seen_.at(path).header("if-none-match");
    }

private:
    std::mutex mutex_;
    std::map<std::string, seen_request> seen_; // guarded by mutex_; the last one for each path
    std::map<std::string, server_reply> replies_;

protected:
    http_server server_{0, [this](const seen_request& request) {
                            const std::scoped_lock lock(mutex_);
                            seen_[request.path] = request;
                            const auto found = replies_.find(request.path);
                            return found == replies_.end() ? server_reply{} : found->second;
                        }};
    const validators tag_{"\"tag\"", ""};
};

TEST_F(a_redirect, is_a_move_where_all_of_it_is_permanent)
{
    leads("/a", 301, "/b");
    leads("/b", 308, "/c");
    EXPECT_EQ(ask("/a").facts.moved_to, server_.address("/c"));
}

TEST_F(a_redirect, is_no_move_where_it_is_temporary)
{
    for (const int status : {302, 303, 307}) {
        leads("/a", status, "/b");
        const http_answer answer = ask("/a");
        EXPECT_EQ(answer.facts.url, server_.address("/b"));
        EXPECT_EQ(answer.facts.moved_to, "") << status;
    }
}

TEST_F(a_redirect, is_a_move_as_far_as_it_is_permanent_from_its_beginning)
{
    leads("/a", 301, "/b");
    leads("/b", 302, "/c");
    leads("/c", 301, "/d");
    const http_answer answer = ask("/a");
    EXPECT_EQ(answer.facts.url, server_.address("/d"));
    EXPECT_EQ(answer.facts.moved_to, server_.address("/b"));
}

TEST_F(a_redirect, gives_validators_to_the_first_address_and_to_who_gave_them)
{
    leads("/a", 302, "/b");
    leads("/b", 302, "/c");
    (void)ask("/a", tag_, "/c");
    EXPECT_EQ(condition_sent_to("/a"), "\"tag\"");
    EXPECT_EQ(condition_sent_to("/b"), "");
    EXPECT_EQ(condition_sent_to("/c"), "\"tag\"");
}

TEST_F(a_redirect, to_another_server_than_before_carries_no_validators_of_that_one)
{
    leads("/a", 302, "/new");
    (void)ask("/a", tag_, "/old");
    EXPECT_EQ(condition_sent_to("/new"), "");
    leads("/a", 302, "/new");
    (void)ask("/a", tag_); // it gave them itself, when it did not redirect yet
    EXPECT_EQ(condition_sent_to("/new"), "");
}

TEST_F(a_redirect, may_end_with_not_modified)
{
    leads("/a", 301, "/b");
    at("/b", {.status = 304, .headers = {}, .body = {}});
    const http_answer answer = ask("/a", tag_, "/b");
    EXPECT_FALSE(answer.wrong);
    EXPECT_EQ(answer.facts.status, 304);
    EXPECT_EQ(answer.facts.moved_to, server_.address("/b"));
}

TEST_F(a_redirect, leaves_no_answer_but_an_error_where_not_modified_was_not_asked)
{
    at("/a", {.status = 304, .headers = {}, .body = {}});
    EXPECT_EQ(ask("/a").wrong, (problem{problem_kind::http_status, "304"}));
    leads("/b", 302, "/a");
    EXPECT_EQ(ask("/b", tag_, "/c").wrong, (problem{problem_kind::http_status, "304"}));
}

TEST_F(a_redirect, is_followed_by_what_its_end_wishes)
{
    leads("/a", 301, "/b");
    at("/b", {.status = 200, .headers = {{"Cache-Control", "max-age=600"}, {"Age", "100"}}, .body = {}});
    EXPECT_EQ(ask("/a").facts.wishes.fresh_for, 500s);
    at("/b", {.status = 503, .headers = {{"Retry-After", "120"}}, .body = {}});
    const http_answer busy = ask("/a");
    EXPECT_EQ(busy.wrong, (problem{problem_kind::http_status, "503"}));
    EXPECT_EQ(busy.facts.status, 503);
    EXPECT_EQ(busy.facts.wishes.retry_after, 2min);
}

} // namespace
} // namespace rssmania
