// Many feeds, one in ten hostile, while stages are killed at random: every article of the good ones is told exactly
// once. In short here; `tools/soak_feeds` runs it for ten minutes with ten thousand feeds.
#include "demo/sample_site.hpp"
#include "program.hpp"
#include "temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace rssmania::testing {
namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

int setting(const char* name, int otherwise)
{
    const char* value = std::getenv(name);
    return value ? std::atoi(value) : otherwise;
}

class a_soak : public ::testing::Test {
protected:
    static constexpr int servers = 16; // so that there are as many sites
    static constexpr int at_first = 3; // articles of a feed
    static constexpr int kept = 20;

    void SetUp() override
    {
        for (int i = 0; i < servers; ++i)
            servers_.push_back(
                std::make_unique<http_server>(0, [this](const seen_request& request) { return answer(request); }));
        std::ofstream list(directory_.path() / "feeds.opml");
        list << "<opml version='2.0'><body>";
        const std::vector<std::string> faults = fault_paths();
        for (int i = 0; i < feeds_; ++i) {
            const http_server& server = *servers_.at(static_cast<std::size_t>(i % servers));
            const std::string path =
                is_good(i) ? fmt::format("/good/{}", i)
                           : fmt::format("{}?{}", faults.at(static_cast<std::size_t>(i / 10) % faults.size()), i);
            list << "<outline xmlUrl='" << server.address(path) << "'/>";
        }
        list << "</body></opml>";
    }

    [[nodiscard]] static bool is_good(int feed) { return feed % 10 != 0; }

    // A feed publishes so that it is asked several times before an article leaves it.
    [[nodiscard]] int published(int feed) const
    {
        const auto since = std::min(clock_type::now(), end_) - begin_;
        return at_first + static_cast<int>((since + feed % 7 * every_ / 7) / (2 * every_));
    }

    [[nodiscard]] server_reply answer(const seen_request& request) const
    {
        if (!request.path.starts_with("/good/"))
            return fault_reply(request, servers_.front()->address(""));
        int feed = 0;
        std::from_chars(request.path.data() + 6, request.path.data() + request.path.size(), feed);
        const int last = published(feed);
        const std::string tag = fmt::format("\"{}\"", last);
        if (request.header("if-none-match") == tag)
            return {.status = 304, .headers = {{"ETag", tag}}, .body = {}};
        std::string body = fmt::format("<rss version='2.0'><channel><title>{}</title>", feed);
        for (int i = last; i > std::max(0, last - kept); --i)
            body += fmt::format("<item><guid isPermaLink='false'>{0}-{1}</guid><link>http://soak.example/{0}-{1}."
                                "</link><title>Article {1}</title></item>",
                                feed, i);
        return {.headers = {{"ETag", tag}}, .body = body + "</channel></rss>"};
    }

    // How often each article was told, by its link; of what has been looked at so far.
    struct tally {
        std::unordered_map<std::string, int> times;
        std::size_t looked_at = 0;

        void look_at(const std::string& out)
        {
            constexpr std::string_view mark = "\"link\":\"http://soak.example/";
            const std::size_t whole = out.rfind('\n') + 1; // lines
            for (std::size_t at = out.find(mark, looked_at); at < whole; at = out.find(mark, at + 1)) {
                const std::size_t from = at + mark.size();
                ++times[out.substr(from, out.find('.', from) - from)];
            }
            looked_at = whole;
        }
    };

    [[nodiscard]] std::size_t articles_published() const
    {
        std::size_t sum = 0;
        for (int i = 0; i < feeds_; ++i)
            sum += is_good(i) ? static_cast<std::size_t>(published(i)) : 0;
        return sum;
    }

    int feeds_ = setting("SOAK_FEEDS", 200);
    std::chrono::seconds length_{setting("SOAK_SECONDS", 10)};
    std::chrono::milliseconds every_{setting("SOAK_EVERY_MS", 1'000)};
    temporary_directory directory_;
    clock_type::time_point begin_ = clock_type::now();
    clock_type::time_point end_ = begin_ + length_;
    std::vector<std::unique_ptr<http_server>> servers_;
};

TEST_F(a_soak, tells_every_article_of_the_good_feeds_exactly_once)
{
    program watcher({"watch", "--allow-local", "--json", "--every", fmt::format("{}ms", every_.count()), "--store",
                     (directory_.path() / "store").string(), (directory_.path() / "feeds.opml").string()});
    constexpr std::array stages{"schedule", "fetch", "parse", "parse worker 0", "store"};
    std::minstd_rand random(1); // the same on every run; the moments differ anyway
    int kills = 0;
    while (clock_type::now() < end_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500 + random() % 1500));
        kills += watcher.kill(stages.at(random() % stages.size()), 1s) ? 1 : 0; // one may not be there just now
    }
    tally told;
    const std::size_t wanted = articles_published(); // and no more from now on
    const auto patience = length_ + 10 * every_ + 60s;
    EXPECT_TRUE(watcher.wait_for_out(
        [&](const std::string& out) {
            told.look_at(out);
            return told.times.size() >= wanted;
        },
        patience));
    watcher.signal(SIGINT);
    EXPECT_EQ(watcher.wait(), 0) << watcher.err().substr(0, 4000);

    told.look_at(watcher.out());
    const auto& found = told.times;
    std::size_t wrong = 0;
    std::size_t articles = 0;
    for (int i = 0; i < feeds_; ++i) {
        for (int number = 1; is_good(i) && number <= published(i); ++number, ++articles) {
            const auto one = found.find(fmt::format("{}-{}", i, number));
            const int times = one == found.end() ? 0 : one->second;
            if (times != 1 && ++wrong <= 10)
                ADD_FAILURE() << "article " << number << " of feed " << i << " was told " << times << " times";
        }
    }
    EXPECT_EQ(wrong, 0U);
    EXPECT_EQ(found.size(), articles);
    EXPECT_GT(kills, 0);
    std::cout << articles << " articles of " << feeds_ << " feeds, " << kills << " stages killed\n";
}

} // namespace
} // namespace rssmania::testing
