#include "watch/set_up.hpp"

#include <map>

namespace rssmania {
namespace {

// What holds of every feed is said of each where it says nothing else.
feed_settings complete(feed_settings wanted, const configuration& settings, const std::string& url)
{
    if (wanted.proxy.empty())
        wanted.proxy = settings.proxy;
    if (wanted.user_agent.empty())
        wanted.user_agent = settings.user_agent;
    for (const std::string& host : settings.allow_local) {
        if (is_allowed_local(host, url))
            wanted.hosts_allowed += (wanted.hosts_allowed.empty() ? "" : " ") + host;
    }
    return wanted;
}

void configure_all(store& memory, const configuration& settings, const std::map<feed_id, feed_settings>& own)
{
    const bool says_anything =
        !own.empty() || !settings.proxy.empty() || !settings.user_agent.empty() || !settings.allow_local.empty();
    if (!says_anything && !memory.any_configured())
        return; // a hundred thousand feeds need not be looked at one by one
    for (const feed_state& feed : memory.feeds()) {
        const auto found = own.find(feed.id);
        const feed_settings wanted = complete(found == own.end() ? feed_settings{} : found->second, settings, feed.url);
        if (!(wanted == feed.wanted))
            memory.configure(feed.id, wanted);
    }
}

} // namespace

news_policy apply_configuration(store& memory, const configuration& settings, unix_time now)
{
    news_policy policy{.first_visit = settings.first_visit,
                       .fold = settings.fold,
                       .updates = settings.updates,
                       .rules = settings.rules,
                       .keep = settings.keep,
                       .size = settings.size,
                       .feeds = {}};
    std::map<feed_id, feed_settings> own;
    for (const configured_feed& each : settings.feeds) {
        const feed_id feed = memory.subscribe(each.url, now);
        own[feed] = each.wanted;
        if (!each.title.empty())
            memory.rename(feed, each.title);
        if (!each.folder.empty())
            memory.put_in_folder(feed, each.folder);
        if (each.first_visit || !(each.keep == retention{}))
            policy.feeds[feed] = {.first_visit = each.first_visit, .keep = each.keep};
    }
    configure_all(memory, settings, own);
    return policy;
}

} // namespace rssmania
