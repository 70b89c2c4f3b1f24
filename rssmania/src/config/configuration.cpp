#include "config/configuration.hpp"

#include "announce/news_template.hpp"
#include "announce/words.hpp"
#include "config/paths.hpp"
#include "config/table_reader.hpp"
#include "net/url.hpp"
#include "text/fold_case.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <fstream>
#include <iterator>

namespace rssmania {
namespace {

void read_keep(table_reader& from, retention& keep)
{
    from.take("for", keep.time);
    from.take("articles", keep.articles, 0);
}

void read_news(table_reader& from, configuration& into)
{
    from.take("first_visit", into.first_visit, -1);
    from.take("fold", into.fold);
    from.take("updates", into.updates);
    from.take("notify", into.notify);
    from.take("exec", into.exec);
    std::optional<std::chrono::milliseconds> time;
    from.take("exec_time", time);
    into.exec_time = time.value_or(into.exec_time);
    from.take("format", into.format);
    try {
        (void)news_template(into.format);
    } catch (const template_error& error) {
        from.complain("format", error.what());
    }
}

// A password stands in a file of its own or in the environment: a configuration is shown to others.
void read_password(table_reader& from, std::string& into)
{
    std::string file;
    std::string variable;
    std::string itself;
    from.take("password_file", file);
    from.take("password_env", variable);
    if (from.has("password"))
        from.complain("password", tr("a password doesn't stand here: name a file that has it (password_file), or a "
                                     "variable of the environment (password_env)"));
    if (!file.empty() && !variable.empty())
        from.complain("password_env", tr("either password_file or password_env"));
    if (!file.empty())
        into = "file:" + file;
    else if (!variable.empty())
        into = "env:" + variable;
}

configured_feed read_one_feed(table_reader& from)
{
    configured_feed feed;
    from.take("url", feed.url);
    if (feed.url.empty()) {
        from.complain(tr("a feed needs its address: url = \"https://…\""));
    } else {
        feed.url = complete_address(feed.url);
        if (const problem wrong = why_not_asked(feed.url))
            from.complain("url", words_for(wrong));
    }
    from.take("title", feed.title);
    from.take("folder", feed.folder);
    from.take("every", feed.wanted.every);
    from.take("least_wait", feed.wanted.least_wait);
    from.take("most_wait", feed.wanted.most_wait);
    from.take("user", feed.wanted.user);
    read_password(from, feed.wanted.password_from);
    if (!feed.wanted.password_from.empty() && feed.wanted.user.empty())
        from.complain(tr("a password without a user"));
    from.take("proxy", feed.wanted.proxy);
    from.take("user_agent", feed.wanted.user_agent);
    std::vector<std::string> hosts;
    from.take("allow_local", hosts);
    for (const std::string& host : hosts)
        feed.wanted.hosts_allowed += (feed.wanted.hosts_allowed.empty() ? "" : " ") + host;
    from.take("first_visit", feed.first_visit, -1);
    from.table("keep", [&](table_reader& keep) { read_keep(keep, feed.keep); });
    return feed;
}

rule read_one_rule(table_reader& from)
{
    rule found;
    from.take("match", found.match);
    from.take("feed", found.feed);
    from.take("drop", found.drop);
    from.take("read", found.read);
    from.take("star", found.star);
    from.take("tag", found.tags);
    from.take("run", found.run);
    try {
        (void)article_match(found.match);
    } catch (const match_error& error) {
        from.complain("match", tr_fill("column {} of the condition: {}", error.column(), error.what()));
    }
    if (!found.drop && !found.read && !found.star && found.tags.empty() && found.run.empty())
        from.complain(tr("this rule does nothing: it needs drop, read, star, tag or run"));
    return found;
}

void read_all(table_reader& from, configuration& into)
{
    std::string store;
    from.take("store", store);
    if (!store.empty() && store.front() != '/')
        from.complain("store", tr("the store's directory begins with /"));
    else if (!store.empty())
        into.store = store;
    from.take("every", into.every);
    from.take("proxy", into.proxy);
    from.take("user_agent", into.user_agent);
    from.take("allow_local", into.allow_local);
    from.take("metrics", into.metrics);
    std::string log = "text";
    from.take("log", log);
    if (log != "text" && log != "json")
        from.complain("log", tr("log is \"text\" or \"json\""));
    into.log_as_json = log == "json";
    from.table("news", [&](table_reader& news) { read_news(news, into); });
    from.table("keep", [&](table_reader& keep) {
        read_keep(keep, into.keep);
        keep.take_size("size", into.size);
    });
    from.each_table("feed", [&](table_reader& feed) { into.feeds.push_back(read_one_feed(feed)); });
    from.each_table("rule", [&](table_reader& each) { into.rules.push_back(read_one_rule(each)); });
}

} // namespace

bool is_allowed_local(const std::string& allowed, const std::string& url)
{
    const std::string host = host_of(url);
    return !host.empty() && (fold_case(allowed) == host || fold_case(allowed) == host.substr(0, host.rfind(':')));
}

configuration read_configuration(std::string_view text, const std::string& name)
{
    complaints wrong(name);
    configuration result;
    try {
        const toml::table document = toml::parse(text);
        table_reader reader(document, wrong);
        read_all(reader, result);
        reader.end();
    } catch (const toml::parse_error& error) {
        wrong.add(error.source(), printable(error.description()));
    }
    if (!wrong.text().empty())
        throw configuration_error(wrong.text());
    return result;
}

configuration load_configuration(const std::filesystem::path& given)
{
    const std::filesystem::path file = given.empty() ? default_configuration() : given;
    std::error_code unknown;
    if (given.empty() && (file.empty() || !std::filesystem::exists(file, unknown)))
        return {};
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        throw configuration_error(tr_fill("{}: can't be read", file.string()));
    configuration result = read_configuration(text, file.string());
    result.file = file;
    return result;
}

} // namespace rssmania
