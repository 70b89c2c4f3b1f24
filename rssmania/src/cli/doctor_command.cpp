#include "cli/commands.hpp"
#include "cli/feed_words.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "config/paths.hpp"
#include "metrics/live_board.hpp"
#include "metrics/observer.hpp"
#include "net/url.hpp"
#include "store/backup.hpp"
#include "store/store.hpp"
#include "store/store_lock.hpp"
#include "text/printable.hpp"
#include "text/size.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <netdb.h>
#include <optional>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace rssmania::cli {
namespace {

struct words_of_doctor {
    place where;
    bool json = false;
    bool offline = false;
};

enum class finding { good, remark, bad };

// What was looked at, and what to do about it.
class report {
public:
    explicit report(bool json) : json_(json) {}

    void add(finding how, const char* about, const std::string& what)
    {
        bad_ |= how == finding::bad;
        if (json_) {
            static constexpr std::array names{"good", "remark", "bad"};
            std::cout << nlohmann::ordered_json{{"about", about},
                                                {"finding", names.at(static_cast<std::size_t>(how))},
                                                {"text", what}}
                             .dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)
                      << '\n';
            return;
        }
        static constexpr std::array marks{"  ok  ", "  --  ", " BAD  "};
        static constexpr std::array colours{"\x1b[32m", "\x1b[33m", "\x1b[31m"};
        const auto place = static_cast<std::size_t>(how);
        if (wants_colour())
            std::cout << colours.at(place) << marks.at(place) << "\x1b[0m" << what << '\n';
        else
            std::cout << marks.at(place) << what << '\n';
    }

    [[nodiscard]] bool is_bad() const noexcept { return bad_; }

private:
    bool json_;
    bool bad_ = false;
};

std::optional<configuration> look_at_configuration(report& to, const place& where)
{
    try {
        configuration set = configuration_of(where);
        if (set.file.empty())
            to.add(finding::good, "configuration", tr("no configuration file, so everything is as usual"));
        else
            to.add(finding::good, "configuration", tr_fill("{} makes sense", set.file.string()));
        return set;
    } catch (const configuration_error& error) {
        std::istringstream lines(error.what());
        for (std::string line; std::getline(lines, line);)
            to.add(finding::bad, "configuration", line);
        return std::nullopt;
    }
}

bool is_program(const std::filesystem::path& file)
{
    std::error_code unreadable;
    return std::filesystem::is_regular_file(file, unreadable) && ::access(file.c_str(), X_OK) == 0;
}

bool is_found(const std::string& program)
{
    if (program.find('/') != std::string::npos)
        return is_program(program);
    const char* path = std::getenv("PATH");
    std::istringstream places(path ? path : "/usr/bin:/bin");
    for (std::string each; std::getline(places, each, ':');) {
        if (is_program(std::filesystem::path(each) / program))
            return true;
    }
    return false;
}

void look_at_programs(report& to, const configuration& set)
{
    std::set<std::string> programs;
    if (set.notify)
        programs.insert("notify-send");
    if (!set.exec.empty())
        programs.insert(set.exec.front());
    for (const rule& each : set.rules) {
        if (!each.run.empty())
            programs.insert(each.run.front());
    }
    for (const std::string& program : programs) {
        if (is_found(program))
            to.add(finding::good, "program", tr_fill("the program {} is there", printable(program)));
        else if (program == "notify-send")
            to.add(finding::bad, "program", tr("notify-send is not there: install libnotify-bin"));
        else
            to.add(finding::bad, "program",
                   tr_fill("the program {} is not there; mend exec or run in the configuration", printable(program)));
    }
}

void look_at_password(report& to, const configured_feed& feed)
{
    const std::string& from = feed.wanted.password_from;
    const std::string url = printable_url(without_secrets(feed.url));
    if (from.starts_with("env:")) {
        if (!std::getenv(from.substr(4).c_str()))
            to.add(finding::bad, "password",
                   tr_fill("{}: the variable {} with its password is not set", url, printable(from.substr(4))));
    } else if (from.starts_with("file:")) {
        struct stat about {};
        const std::string file = from.substr(5);
        if (::stat(file.c_str(), &about) != 0 || ::access(file.c_str(), R_OK) != 0)
            to.add(finding::bad, "password",
                   tr_fill("{}: the file {} with its password can't be read", url, printable(file)));
        else if ((about.st_mode & (S_IRGRP | S_IROTH)) != 0)
            to.add(
                finding::bad, "password",
                tr_fill("{}: others can read the file {} with its password: chmod 600 mends it", url, printable(file)));
    }
}

void look_at_mode(report& to, const std::filesystem::path& file)
{
    struct stat about {};
    if (::stat(file.c_str(), &about) == 0 && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        to.add(finding::remark, "store",
               tr_fill("others can look into {}: chmod go= {} mends it", file.string(), file.string()));
}

void look_at_room(report& to, const std::filesystem::path& directory)
{
    constexpr std::uintmax_t too_little = 100U << 20U;
    std::error_code unknown;
    const auto room = std::filesystem::space(directory, unknown);
    if (unknown)
        return;
    const std::string left = size_in_words(room.available);
    if (room.available < too_little)
        to.add(finding::bad, "disk", tr_fill("only {} left on the disk of {}", left, directory.string()));
    else
        to.add(finding::good, "disk", tr_fill("{} left on the disk", left));
}

void look_at_database(report& to, const std::filesystem::path& directory)
{
    // The one at work may be writing: then it is only read, which does without the index of words.
    const auto lock = store_lock::try_take(directory);
    const auto how = lock ? sqlite::access::read_write : sqlite::access::read_only;
    const std::vector<std::string> damages = damages_of(directory / store::file_name, how);
    for (const std::string& damage : damages)
        to.add(finding::bad, "store",
               tr_fill("the store is damaged: {}; \"rssmania restore\" puts a backup in its place", damage));
    if (damages.empty())
        to.add(finding::good, "store", tr_fill("the store {} is sound", directory.string()));
    if (const auto board = live_board::look(directory))
        to.add(finding::good, "watcher", tr_fill("a watcher works on it, process {}", (*board)->process.load()));
    else
        to.add(finding::remark, "watcher", tr("no watcher works on it; \"rssmania watch\" starts one"));
}

std::vector<feed_state> look_at_store(report& to, const place& where)
{
    const std::filesystem::path directory = store_directory(where);
    if (!std::filesystem::exists(directory / store::file_name)) {
        to.add(finding::remark, "store",
               tr_fill("nothing was added yet: \"rssmania add ADDRESS\" makes the store {}", directory.string()));
        return {};
    }
    look_at_mode(to, directory);
    look_at_mode(to, directory / store::file_name);
    look_at_room(to, directory);
    try {
        look_at_database(to, directory);
        return known_feeds(where);
    } catch (const sqlite::error& error) {
        to.add(finding::bad, "store", printable(error.what()));
        return {};
    }
}

void look_at_feeds(report& to, const std::vector<feed_state>& feeds)
{
    const auto failing =
        std::count_if(feeds.begin(), feeds.end(), [](const feed_state& feed) { return feed.failures > 0; });
    if (failing > 0)
        to.add(finding::remark, "feeds",
               tr_fill("{} of {} feeds fail; \"rssmania status --failing\" says why", failing, feeds.size()));
    else if (!feeds.empty())
        to.add(finding::good, "feeds", tr_fill("{} feeds, none fails", feeds.size()));
}

bool is_known_to_the_resolver(const std::string& host)
{
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, nullptr, &found);
    if (error == 0)
        ::freeaddrinfo(found);
    return error == 0;
}

// Asks for the addresses of a few of the feeds' hosts: one that is found shows that there is a network with a resolver.
void look_at_network(report& to, const std::vector<feed_state>& feeds)
{
    constexpr std::size_t enough = 5;
    std::set<std::string> hosts;
    for (const feed_state& feed : feeds) {
        const std::string host = host_of(feed.url);
        if (hosts.size() < enough && !host.empty() && !is_this_machine(host.substr(0, host.rfind(':'))))
            hosts.insert(host.substr(0, host.rfind(':')));
    }
    if (hosts.empty())
        return;
    if (std::any_of(hosts.begin(), hosts.end(), is_known_to_the_resolver))
        to.add(finding::good, "network", tr("names of hosts are found"));
    else
        to.add(finding::bad, "network",
               tr_fill("no name of a host is found ({} was tried): look at the network, and at /etc/resolv.conf",
                       printable(*hosts.begin())));
}

int run_doctor(const words_of_doctor& words)
{
    report findings(words.json);
    const auto set = look_at_configuration(findings, words.where);
    if (set) {
        look_at_programs(findings, *set);
        for (const configured_feed& feed : set->feeds)
            look_at_password(findings, feed);
    }
    place where = words.where;
    if (!set && where.store.empty()) {
        findings.add(finding::remark, "store", tr("the store is looked at once the configuration makes sense"));
    } else {
        const std::vector<feed_state> feeds = look_at_store(findings, where);
        look_at_feeds(findings, feeds);
        if (!words.offline)
            look_at_network(findings, feeds);
    }
    flush_output();
    return findings.is_bad() ? something_failed : all_went_well;
}

} // namespace

void add_doctor(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<words_of_doctor>();
    CLI::App* command = program.add_subcommand("doctor", tr("Check set-up, store and network, and say what to do"));
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each finding"));
    command->add_flag("--offline", words->offline, tr("Leave the network alone"));
    add_place(*command, words->where);
    command->footer(tr("The exit code is 1 if anything is bad."));
    command->callback([words, &chosen] { chosen = [words] { return run_doctor(*words); }; });
}

} // namespace rssmania::cli
