// Hostile records from the shared collection, where it is there: each says what must happen.
#include "announce/article_json.hpp"
#include "announce/printer.hpp"
#include "fetch/http_client.hpp"
#include "hooks/command.hpp"
#include "hooks/desktop.hpp"
#include "opml/opml.hpp"
#include "parse/read_feed.hpp"
#include "store/store.hpp"
#include "temporary_directory.hpp"
#include "text/printable.hpp"
#include "text/utf8.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <ruche/fd.hpp>
#include <sys/socket.h>
#include <thread>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

std::filesystem::path shared_directory()
{
    const char* given = std::getenv("RUCHE_SHARED");
    return given ? given : RSSMANIA_DEFAULT_SHARED;
}

std::string unbase64(const std::string& text)
{
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(),
                          nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
        throw std::runtime_error("no base64: " + text);
    bytes.resize(size);
    return bytes;
}

struct record {
    std::string id;
    std::string expect;
    std::string note;
    std::string data;
};

class attacks : public ::testing::Test {
protected:
    void SetUp() override
    {
        file_ = shared_directory() / "attacks" / "own.jsonl";
        if (!std::filesystem::exists(file_))
            GTEST_SKIP() << file_ << " is not there; RUCHE_SHARED names its directory";
    }

    // The records of one class that hold their bytes (others describe how to make them).
    [[nodiscard]] std::vector<record> records(const std::string& kind) const
    {
        std::vector<record> found;
        std::ifstream in(file_);
        for (std::string line; std::getline(in, line);) {
            const auto each = nlohmann::json::parse(line);
            if (each.value("class", "") != kind || !(each.contains("data") || each.contains("b64")))
                continue;
            found.push_back({each.value("id", ""), each.value("expect", ""), each.value("note", ""),
                             each.contains("b64") ? unbase64(each["b64"]) : each["data"].get<std::string>()});
        }
        EXPECT_FALSE(found.empty());
        return found;
    }

    std::filesystem::path file_;
};

TEST_F(attacks, by_addresses_reach_nothing_local)
{
    http_client client({.limits = {.connect = 2s, .first_byte = 2s, .total = 3s}, .allow_local = false});
    const auto all = records("URL");
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].expect == "block")
            client.start({.tag = i, .url = all[i].data, .known = {}});
    }
    while (client.running() > 0) {
        for (const http_answer& answer : client.wait(10s))
            EXPECT_TRUE(answer.wrong) << all[answer.tag].id << ' ' << all[answer.tag].data;
    }
}

TEST_F(attacks, by_titles_do_nothing_to_a_terminal)
{
    for (const record& each : records("TTY")) {
        const std::string line = printable(each.data);
        std::string_view rest = line;
        while (!rest.empty()) {
            const char32_t c = take_character(rest);
            EXPECT_FALSE(c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
                         (c >= 0x2066 && c <= 0x2069))
                << each.id;
        }
    }
}

// Whether a terminal would do anything but print it: a control character, or one that turns the order round.
bool acts_on_a_terminal(std::string_view text)
{
    while (!text.empty()) {
        const char32_t c = take_character(text);
        if (c != '\n' &&
            (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)))
            return true;
    }
    return false;
}

TEST_F(attacks, by_what_a_feed_says_come_out_of_no_way_of_printing)
{
    for (const char* kind : {"TTY", "CMD", "FILE"}) {
        for (const record& each : records(kind)) {
            const news event{.kind = news_kind::article,
                             .feed_url = "https://example.org/" + each.data,
                             .feed_title = each.data,
                             .what = {.id = each.data,
                                      .link = each.data,
                                      .title = each.data,
                                      .author = each.data,
                                      .content = each.data},
                             .tags = {each.data}};
            news problem = event;
            problem.kind = news_kind::problem;
            problem.wrong = {problem_kind::not_a_feed, each.data};
            const news_look plain;
            const news_look lines{.line = news_template("{title}{link}{author}{id}{feed}{url}{text}{tags}")};
            const news_look objects{.format = news_format::json, .log = log_format::json};
            for (const news_look& look : {plain, lines, objects}) {
                EXPECT_FALSE(acts_on_a_terminal(printer(look).print(event).out)) << each.id;
                EXPECT_FALSE(acts_on_a_terminal(printer(look).print(problem).err)) << each.id;
            }
        }
    }
}

TEST_F(attacks, by_titles_reach_programs_as_data_only)
{
    const testing::temporary_directory directory;
    const ruche::stop_source stop;
    const std::string file = (directory.path() / "out").string();
    for (const record& each : records("CMD")) {
        // As a word of a program's it is that word; as an article, a line of JSON on its standard input.
        const command_end end =
            run_command({"sh", "-c", "printf %s \"$2\" > \"$1\"; cat >> \"$1\"", "sh", file, each.data},
                        "|" + article_as_json({.what = {.title = each.data}}, true), 20s, stop.get_token());
        EXPECT_EQ(end.what, command_end::kind::well) << each.id;
        std::ifstream in(file, std::ios::binary);
        const std::string written{std::istreambuf_iterator<char>(in), {}};
        EXPECT_TRUE(written.starts_with(each.data + "|{")) << each.id << written;
        EXPECT_EQ(nlohmann::json::parse(written.substr(each.data.size() + 1)).at("title"), each.data) << each.id;
        const auto calls = notifications({{.feed_title = each.data, .what = {.title = each.data}}});
        EXPECT_EQ(calls.at(0).at(3), "--") << each.id;
    }
    EXPECT_FALSE(std::filesystem::exists("/tmp/pwn"));
}

TEST_F(attacks, by_subscription_lists_keep_every_feed_and_no_path)
{
    for (const record& each : records("OPML")) {
        const auto once = read_opml(each.data, 1000);
        const auto twice = read_opml(write_opml(once), 1000);
        ASSERT_EQ(once.size(), twice.size()) << each.id;
        for (std::size_t i = 0; i < once.size(); ++i)
            EXPECT_EQ(once[i].url, twice[i].url) << each.id;
    }
}

TEST_F(attacks, by_long_subscription_lists_end_where_they_should)
{
    std::string many = "<opml version=\"2.0\"><body>";
    for (int i = 0; i < 100'000; ++i)
        many += "<outline xmlUrl=\"http://f" + std::to_string(i) + ".example/\"/>";
    EXPECT_EQ(read_opml(many + "</body></opml>", 10'000).size(), 10'000U);
}

TEST_F(attacks, by_subscription_lists_end)
{
    for (const record& each : records("OPML"))
        EXPECT_LE(read_opml(each.data, 1000).size(), 1000U) << each.id;
}

// Sends the same bytes to whoever connects, then closes; on this machine.
class raw_server {
public:
    raw_server() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_.get(), 10) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error("serve on a free port");
        port_ = ntohs(address.sin_port);
    }

    [[nodiscard]] std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/feed"; }

    void answer_once(const std::string& bytes) const
    {
        const ruche::fd connection(::accept(listener_.get(), nullptr, nullptr));
        std::array<char, 4096> request;
        (void)::recv(connection.get(), request.data(), request.size(), 0);
        (void)::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ::shutdown(connection.get(), SHUT_WR);
        (void)::recv(connection.get(), request.data(), request.size(), 0); // until the client closes
    }

private:
    ruche::fd listener_;
    std::uint16_t port_ = 0;
};

TEST_F(attacks, by_odd_answers_get_an_answer_or_a_reason)
{
    const raw_server server;
    for (const record& each : records("HTTP")) {
        std::thread answering([&] { server.answer_once(each.data); });
        {
            http_client client({.limits = {.connect = 1s, .first_byte = 1s, .total = 2s}, .allow_local = true});
            client.start({.tag = 1, .url = server.address(), .known = {}});
            std::size_t answers = 0;
            while (client.running() > 0) {
                for (const http_answer& answer : client.wait(10s)) {
                    ++answers;
                    EXPECT_TRUE(answer.wrong || answer.facts.status == 200 || answer.facts.status == 304)
                        << each.id << ' ' << each.note;
                    EXPECT_EQ(answer.facts.fresh.etag.find_first_of("\r\n\x1b"), std::string::npos) << each.id;
                }
            }
            EXPECT_EQ(answers, 1U) << each.id;
        }
        answering.join();
    }
}

TEST_F(attacks, by_dates_neither_hide_nor_pin_an_article)
{
    const testing::temporary_directory directory;
    store memory(directory.path());
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const record& each : records("DATE")) {
        const feed_id feed = memory.subscribe("http://example.org/" + each.id, now);
        const visited visit = read_feed({.feed = feed,
                                         .body = "<rss version='2.0'><channel><title>t</title><item><guid>1</guid>"
                                                 "<pubDate><![CDATA[" +
                                                 each.data + "]]></pubDate></item></channel></rss>"});
        const event_id before = memory.last_event();
        memory.record({&visit, 1}, 1, now);
        const auto events = memory.events_after(before, 10);
        ASSERT_GE(events.size(), 1U) << each.id;
        if (const auto said = events.front().what.published) {
            EXPECT_GE(*said, unix_time()) << each.id;
            EXPECT_LE(*said, now) << each.id;
        }
        EXPECT_TRUE(memory.find(feed)->due) << each.id; // and it is asked again
        EXPECT_LT(*memory.find(feed)->due, now + std::chrono::hours(48)) << each.id;
    }
}

} // namespace
} // namespace rssmania
