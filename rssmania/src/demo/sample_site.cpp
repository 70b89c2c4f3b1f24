#include "demo/sample_site.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rssmania {
namespace {

using namespace std::chrono_literals;

constexpr const char* page_type = "text/html; charset=utf-8";

// Enough for a demonstration that runs for months, and for any test.
constexpr std::size_t most_remembered = 10'000;

server_reply page(const std::string& title, const std::string& body, int status = 200)
{
    return {.status = status,
            .headers = {{"Content-Type", page_type}},
            .body =
                fmt::format("<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1>{1}</body></html>\n",
                            title, body)};
}

std::map<std::string, int> all_published(int count)
{
    std::map<std::string, int> published;
    for (const sample_feed& feed : sample_feeds())
        published[feed.path] = count;
    return published;
}

// How the client calls us; requests may come before the server's own object is complete.
std::string site_of(const seen_request& request) { return "http://" + request.header("host"); }

} // namespace

sample_site::sample_site(const site_options& options) :
    published_(all_published(options.published)),
    server_(options.port, [this](const seen_request& request) { return answer(request); })
{
    if (options.publish_every.count() > 0)
        publisher_ = std::thread([this, options] { publish_in_turn(options); });
}

sample_site::~sample_site()
{
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (publisher_.joinable())
        publisher_.join();
}

void sample_site::publish_in_turn(const site_options& options)
{
    using clock = std::chrono::system_clock;
    const clock::time_point since = options.since.value_or(clock::now());
    std::unique_lock lock(mutex_);
    for (std::int64_t turn = 0;; ++turn) {
        if (changed_.wait_until(lock, since + options.publish_every * (turn + 1), [this] { return ending_; }))
            return;
        ++published_.at(sample_feeds()[static_cast<std::size_t>(turn) % sample_feeds().size()].path);
    }
}

void sample_site::publish(const std::string& path)
{
    const std::scoped_lock lock(mutex_);
    ++published_.at(path);
}

std::vector<seen_request> sample_site::requests_for(const std::string& path) const
{
    const std::scoped_lock lock(mutex_);
    const auto found = seen_.find(path);
    return found == seen_.end() ? std::vector<seen_request>() : found->second;
}

bool sample_site::wait_for_requests(const std::string& path, std::size_t count,
                                    std::chrono::milliseconds patience) const
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] {
        const auto found = seen_.find(path);
        return found != seen_.end() && found->second.size() >= count;
    });
}

server_reply sample_site::answer(const seen_request& request)
{
    {
        const std::scoped_lock lock(mutex_);
        if (auto& seen = seen_[request.path]; seen.size() < most_remembered && seen_.size() < most_remembered)
            seen.push_back(request);
    }
    changed_.notify_all();
    for (const sample_feed& feed : sample_feeds()) {
        if (feed.path == request.path)
            return answer_with_feed(feed, request);
    }
    if (request.path.starts_with("/faults/"))
        return fault_reply(request, site_of(request));
    if (request.path.starts_with("/articles/"))
        return page("An article", "<p>Nothing more is known.</p>");
    if (request.path == "/")
        return page("Sample feeds", index());
    return page("Not found", "", 404);
}

server_reply sample_site::answer_with_feed(const sample_feed& feed, const seen_request& request)
{
    int published = 0;
    {
        const std::scoped_lock lock(mutex_);
        published = published_.at(feed.path);
    }
    const std::string etag = fmt::format("W/\"{}-{}\"", feed.path.substr(1), published);
    server_reply reply{.headers = {{"ETag", etag}, {"Cache-Control", "max-age=1"}}, .body = {}};
    if (feed.slow)
        reply.silence = 2s;
    if (request.header("if-none-match") == etag) {
        reply.status = 304;
        return reply;
    }
    reply.headers.emplace_back("Content-Type", media_type_of(feed.format));
    reply.body = sample_document(feed, published, site_of(request));
    if (feed.slow) { // a tenth of it every 200 ms
        reply.piece = reply.body.size() / 10 + 1;
        reply.pause = 200ms;
    }
    return reply;
}

std::string sample_site::index() const
{
    std::string list;
    for (const sample_feed& feed : sample_feeds())
        list += fmt::format("<li><a href=\"{0}\">{1}</a> ({0})</li>", feed.path, feed.title);
    for (const std::string& fault : fault_paths())
        list += fmt::format("<li><a href=\"{0}\">{0}</a></li>", fault);
    return "<ul>" + list + "</ul>";
}

} // namespace rssmania
