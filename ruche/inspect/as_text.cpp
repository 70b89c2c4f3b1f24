#include "as_text.hpp"

#include <algorithm>
#include <array>
#include <iomanip>
#include <map>
#include <sstream>

namespace {

namespace inspect = ruche::inspect;

// What others have chosen (names) is shown, not obeyed: a terminal would take control characters for commands.
std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return text;
}

std::string time_in_words(std::chrono::nanoseconds time)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(time < std::chrono::seconds(10) ? 1 : 0)
         << std::chrono::duration<double>(time).count() << " s";
    return text.str();
}

std::string bytes_in_words(std::uint64_t bytes)
{
    static constexpr std::array<const char*, 5> units{" B", " KiB", " MiB", " GiB", " TiB"};
    std::size_t unit = 0;
    auto value = static_cast<double>(bytes);
    for (; value >= 1024 && unit + 1 < units.size(); ++unit)
        value /= 1024;
    std::ostringstream text;
    text << std::fixed << std::setprecision(unit == 0 || value >= 10 ? 0 : 1) << value << units[unit];
    return text.str();
}

/// One program on its way to a page of text.
class page {
public:
    page(const inspect::program& what, const rates& speeds, bool everything, std::ostream& out) :
        what_(what), speeds_(speeds), everything_(everything), out_(out)
    {
        for (const auto& process : what.processes)
            names_[process.id] = printable(process.name);
    }

    void write()
    {
        out_ << printable(what_.name) << " (" << what_.id << ")\n";
        for (const auto& one : what_.processes)
            write_process(one);
        std::size_t quiet = 0;
        for (const auto& one : what_.objects)
            if (everything_ || is_worth_telling(one))
                write_object(one);
            else
                ++quiet;
        if (quiet != 0)
            out_ << "  " << quiet << " more that nobody holds or waits for (--all shows them)\n";
        for (const auto& one : what_.other_waits)
            if (one.for_process == 0)
                out_ << "  " << who(one.who.process) << " waits " << one.who.why << " things, "
                     << time_in_words(one.who.since) << '\n';
            else
                out_ << "  " << who(one.who.process) << " waits for the end of " << who(one.for_process) << ", "
                     << time_in_words(one.who.since) << '\n';
        for (const auto& one : what_.deadlocks)
            write_deadlock(one);
        if (what_.waits_hidden)
            out_ << "  who waits is hidden: the system lets nobody read another's memory "
                    "(kernel.yama.ptrace_scope); try as root\n";
    }

private:
    [[nodiscard]] std::string who(int process) const
    {
        const auto known = names_.find(process);
        return (known == names_.end() ? "a stranger" : known->second) + " (" + std::to_string(process) + ")";
    }

    static bool is_worth_telling(const inspect::object& one)
    {
        const auto items = one.facts.find("items");
        return !one.holders.empty() || !one.waiters.empty() || one.kind == "queue" ||
               (items != one.facts.end() && items->second != 0);
    }

    static std::string name_of(const inspect::object& one)
    {
        return one.kind + (one.name.empty() ? " #" + std::to_string(one.id) : " '" + printable(one.name) + "'");
    }

    void write_process(const inspect::process& one)
    {
        out_ << "  " << std::setw(7) << one.id << "  " << std::left << std::setw(20) << printable(one.name)
             << std::setw(13) << one.role << std::setw(10) << one.state << std::right << std::setw(4) << one.threads
             << (one.threads == 1 ? " thread   " : " threads  ") << bytes_in_words(one.memory) << '\n';
    }

    void write_object(const inspect::object& one)
    {
        out_ << "  " << name_of(one) << ": " << facts_in_words(one) << '\n';
        for (const auto& by : one.holders) {
            out_ << "      " << who(by.process) << ' ' << by.how;
            if (by.count != 1 || by.how == "leases" || by.how == "has permits")
                out_ << ": " << by.count;
            out_ << '\n';
        }
        for (const auto& by : one.waiters)
            out_ << "      " << who(by.process) << " waits " << by.why << ", " << time_in_words(by.since) << '\n';
    }

    [[nodiscard]] std::string facts_in_words(const inspect::object& one) const
    {
        std::ostringstream text;
        if (one.facts.contains("items")) {
            text << one.facts.at("items") << " waiting, " << bytes_in_words(one.facts.at("bytes")) << " of "
                 << bytes_in_words(one.facts.at("capacity")) << ", " << one.facts.at("pushed") << " in, "
                 << one.facts.at("popped") << " out";
            if (const auto speed = speeds_.of(one))
                text << std::fixed << std::setprecision(0) << ", " << speed->pushed << "/s in, " << speed->popped
                     << "/s out";
            if (one.facts.at("closed") != 0)
                text << ", closed";
        } else {
            const char* comma = "";
            for (const auto& [name, value] : one.facts) {
                text << comma << name << ' ' << value;
                comma = ", ";
            }
        }
        text << (text.str().empty() ? "" : "; ") << "known to " << one.users.size()
             << (one.users.size() == 1 ? " process" : " processes");
        return text.str();
    }

    void write_deadlock(const inspect::deadlock& one)
    {
        out_ << "  DEADLOCK: none of these goes on by itself\n";
        for (const auto& step : one.steps) {
            const auto object = std::find_if(what_.objects.begin(), what_.objects.end(),
                                             [&](const auto& some) { return some.id == step.object; });
            out_ << "      " << who(step.process) << " waits for "
                 << (object == what_.objects.end() ? "the end" : name_of(*object));
            const char* between = object == what_.objects.end() ? " of " : ", held by ";
            for (const int by : step.held_by) {
                out_ << between << who(by);
                between = " and ";
            }
            out_ << '\n';
        }
    }

    const inspect::program& what_;
    const rates& speeds_;
    bool everything_;
    std::ostream& out_;
    std::map<int, std::string> names_;
};

} // namespace

std::string as_text(const std::vector<ruche::inspect::program>& programs, const rates& speeds, bool everything)
{
    std::ostringstream text;
    for (const auto& program : programs)
        page(program, speeds, everything, text).write();
    if (programs.empty())
        text << "no program of yours uses ruche just now\n";
    return text.str();
}
