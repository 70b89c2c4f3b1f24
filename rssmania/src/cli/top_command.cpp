#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "metrics/prometheus.hpp"
#include "store/archive.hpp"
#include "store/store.hpp"
#include "text/duration.hpp"
#include "text/printable.hpp"
#include "text/size.hpp"
#include "text/translate.hpp"

#include <ruche/inspect.hpp>
#include <ruche/stop.hpp>

#include <CLI/CLI.hpp>
#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <array>
#include <fstream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace rssmania::cli {
namespace {

struct top_words {
    place where;
    std::chrono::milliseconds every = std::chrono::seconds(1);
    unsigned times = 0;
    bool json = false;
};

// The numbers of the board at a moment; their differences are rates.
struct reading {
    std::chrono::steady_clock::time_point at;
    std::uint64_t polls = 0;
    std::uint64_t unchanged = 0;
    std::uint64_t failed = 0;
    std::uint64_t bytes = 0;
    std::uint64_t articles = 0;
    std::uint64_t updates = 0;
    std::uint64_t told = 0;
    std::uint64_t restarts = 0;
    std::uint64_t hooks = 0;
    std::uint64_t hooks_failed = 0;
};

reading read(const live_numbers& numbers)
{
    const auto outcome = [&](visit_result which) {
        return numbers.polls.at(static_cast<std::size_t>(which)).load(std::memory_order_relaxed);
    };
    reading now{.at = std::chrono::steady_clock::now(),
                .unchanged = outcome(visit_result::unchanged) + outcome(visit_result::same_body),
                .failed = outcome(visit_result::failed),
                .bytes = numbers.bytes,
                .articles = numbers.articles,
                .updates = numbers.updates,
                .told = numbers.told,
                .restarts = numbers.restarts,
                .hooks = numbers.hooks_run,
                .hooks_failed = numbers.hooks_failed};
    now.polls = now.unchanged + now.failed + outcome(visit_result::read);
    return now;
}

// Seconds of processor time that a process has had so far: fields 14 and 15 of /proc/PID/stat.
double processor_time(int process)
{
    std::ifstream in("/proc/" + std::to_string(process) + "/stat");
    std::string all;
    std::getline(in, all);
    // The name, in parentheses, may have blanks and more parentheses in it.
    std::istringstream rest(all.substr(std::min(all.rfind(')') + 1, all.size())));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        rest >> skipped;
    long user = 0;
    long system = 0;
    rest >> user >> system;
    return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// The program itself is called by the words it was started with.
std::string name_of(const ruche::inspect::process& what)
{
    if (what.role == "program")
        return "rssmania";
    return printable(what.name.empty() ? what.role : what.name);
}

struct seen_process {
    ruche::inspect::process what;
    double processor = 0; // of one, since the last look
};

class viewer {
public:
    explicit viewer(const top_words& words) : words_(words), directory_(existing_store(words.where)) {}

    [[nodiscard]] std::string draw()
    {
        const auto board = live_board::look(directory_);
        if (!board) {
            last_.reset();
            return idle();
        }
        const reading now = read(**board);
        const double seconds = last_ ? std::chrono::duration<double>(now.at - last_->at).count() : 0;
        std::string text = words_.json ? as_json(**board, now, seconds) : as_text(**board, now, seconds);
        last_ = now;
        return text;
    }

private:
    [[nodiscard]] std::string idle()
    {
        if (words_.json)
            return nlohmann::ordered_json{{"watching", false}, {"store", directory_.string()}}.dump() + '\n';
        return tr_fill("no watcher works on {}; \"rssmania watch\" starts one", directory_.string()) + '\n' +
               in_store() + '\n';
    }

    [[nodiscard]] std::string in_store() const
    {
        const archive::totals articles = archive(directory_).count();
        std::error_code unknown;
        const auto bytes = std::filesystem::file_size(directory_ / store::file_name, unknown);
        return tr_fill("{} articles, {} of them unread, in {}", articles.all, articles.unread,
                       size_in_words(unknown ? 0 : bytes));
    }

    // The watcher's processes, with their share of a processor since the last look.
    [[nodiscard]] std::vector<seen_process> processes(const live_numbers& numbers, double seconds)
    {
        std::vector<seen_process> found;
        std::map<int, double> times;
        for (const auto& each : ruche::inspect::program_of(static_cast<int>(numbers.process)).processes) {
            const double time = processor_time(each.id);
            const auto before = times_.find(each.id);
            const double share = before == times_.end() || seconds <= 0 ? 0 : (time - before->second) / seconds;
            found.push_back({each, share});
            times.emplace(each.id, time);
        }
        times_ = std::move(times);
        return found;
    }

    [[nodiscard]] static std::string line(const char* what, std::uint64_t count, std::uint64_t before, double seconds)
    {
        const double rate = seconds > 0 ? static_cast<double>(count - before) / seconds : 0;
        return fmt::format("{:>12}  {:>9.1f}/s  {}\n", count, rate, what);
    }

    [[nodiscard]] std::string as_text(const live_numbers& numbers, const reading& now, double seconds)
    {
        const reading before = last_.value_or(now);
        const auto started = std::chrono::system_clock::time_point(std::chrono::milliseconds(numbers.started));
        std::string text =
            tr_fill("{} feeds watched since {}, process {}", numbers.feeds.load(),
                    fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(std::chrono::system_clock::to_time_t(started))),
                    numbers.process.load()) +
            '\n' + in_store() + "\n\n";
        text += line(tr("visits"), now.polls, before.polls, seconds);
        text += line(tr("  nothing new there"), now.unchanged, before.unchanged, seconds);
        text += line(tr("  failed"), now.failed, before.failed, seconds);
        text += line(tr("bytes received"), now.bytes, before.bytes, seconds);
        text += line(tr("new articles"), now.articles, before.articles, seconds);
        text += line(tr("articles told"), now.told, before.told, seconds);
        if (now.hooks > 0)
            text += line(tr("programs run"), now.hooks, before.hooks, seconds);
        if (now.restarts > 0)
            text += line(tr("stages restarted"), now.restarts, before.restarts, seconds);
        text += '\n';
        for (std::size_t i = 0; i < queue_names.size(); ++i)
            text += fmt::format("{:>12}  {}\n", numbers.waiting.at(i).load(std::memory_order_relaxed),
                                tr_fill("wait in the queue {}", queue_names.at(i)));
        text += fmt::format("\n{:>8} {:>7} {:>10}  {}\n", tr("process"), tr("cpu"), tr("memory"), tr("name"));
        for (const auto& [what, processor] : processes(numbers, seconds))
            text += fmt::format("{:>8} {:>6.1f}% {:>10}  {}\n", what.id, processor * 100, size_in_words(what.memory),
                                name_of(what));
        return text;
    }

    [[nodiscard]] std::string as_json(const live_numbers& numbers, const reading& now, double seconds)
    {
        const reading before = last_.value_or(now);
        const auto rate = [&](std::uint64_t count, std::uint64_t earlier) {
            return seconds > 0 ? static_cast<double>(count - earlier) / seconds : 0;
        };
        nlohmann::ordered_json object{
            {"watching", true},
            {"process", numbers.process.load()},
            {"started", numbers.started.load() / 1000},
            {"feeds", numbers.feeds.load()},
            {"polls", now.polls},
            {"polls_per_second", rate(now.polls, before.polls)},
            {"unchanged", now.unchanged},
            {"failed", now.failed},
            {"bytes", now.bytes},
            {"bytes_per_second", rate(now.bytes, before.bytes)},
            {"articles", now.articles},
            {"updates", now.updates},
            {"told", now.told},
            {"hooks", now.hooks},
            {"hooks_failed", now.hooks_failed},
            {"restarts", now.restarts},
        };
        for (std::size_t i = 0; i < queue_names.size(); ++i)
            object["queues"][queue_names.at(i)] = numbers.waiting.at(i).load(std::memory_order_relaxed);
        for (const auto& [what, processor] : processes(numbers, seconds))
            object["processes"].push_back(
                {{"id", what.id}, {"name", name_of(what)}, {"memory", what.memory}, {"cpu", processor}});
        return object.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    }

    const top_words& words_;
    std::filesystem::path directory_;
    std::optional<reading> last_;
    std::map<int, double> times_;
};

int run_top(const top_words& words)
{
    viewer view(words);
    // Into a pipe it would go on for ever unasked.
    const unsigned times = words.times == 0 && !is_terminal() ? 1 : words.times;
    show_again_and_again([&] { return view.draw(); }, words.every, times, ruche::stop_on_signals());
    return all_went_well;
}

} // namespace

void add_top(CLI::App& program, action& chosen)
{
    const auto words = std::make_shared<top_words>();
    CLI::App* command =
        program.add_subcommand("top", tr("Show a watcher at work: its processes, queues and rates, live"));
    add_duration(
        *command, "--every", [words](auto time) { words->every = time; }, std::chrono::milliseconds(100),
        tr("Look so often; every second if not given"));
    command
        ->add_option("--times", words->times,
                     tr("Show it so often and end; without end on a terminal if not given, else once"))
        ->type_name(tr("NUMBER"));
    command->add_flag("--json", words->json, tr("Print one JSON object a line for each look"));
    add_place(*command, words->where);
    command->callback([words, &chosen] { chosen = [words] { return run_top(*words); }; });
}

} // namespace rssmania::cli
