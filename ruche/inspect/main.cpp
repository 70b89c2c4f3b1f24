// ruche-inspect: what programs that use ruche are doing.
#include "as_json.hpp"
#include "as_text.hpp"
#include "rates.hpp"

#include <ruche/event.hpp>
#include <ruche/stop.hpp>
#include <ruche/wait.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <vector>

#include <unistd.h>

namespace {

struct wishes {
    std::vector<int> processes; ///< empty: all programs
    bool json = false;
    bool everything = false;
    std::optional<double> every; ///< seconds
};

std::vector<ruche::inspect::program> look(const wishes& wanted)
{
    if (wanted.processes.empty())
        return ruche::inspect::programs();
    std::vector<ruche::inspect::program> found;
    for (const int process : wanted.processes)
        found.push_back(ruche::inspect::program_of(process));
    return found;
}

void print(const wishes& wanted, const std::vector<ruche::inspect::program>& seen, const rates& speeds)
{
    if (wanted.json) {
        std::cout << as_json(seen, speeds) << std::endl;
        return;
    }
    if (wanted.every && ::isatty(STDOUT_FILENO))
        std::cout << "\x1b[H\x1b[2J"; // one page that changes, as top(1) does
    std::cout << as_text(seen, speeds, wanted.everything) << std::flush;
}

int run(const wishes& wanted)
{
    rates speeds;
    auto seen = look(wanted);
    speeds.note(seen);
    print(wanted, seen, speeds);
    if (!wanted.every)
        return 0;
    const ruche::stop_token stop = ruche::stop_on_signals();
    const ruche::event never;
    const std::chrono::duration<double> pause(*wanted.every);
    while (!never.wait_for(std::chrono::duration_cast<std::chrono::nanoseconds>(pause), stop) &&
           !stop.stop_requested() && std::cout) {
        seen = look(wanted);
        speeds.note(seen);
        print(wanted, seen, speeds);
    }
    ruche::end_as_signalled();
}

} // namespace

int main(int count, char** words)
{
    CLI::App line("Shows what programs that use ruche are doing: their processes, their queues and how full they are,\n"
                  "who holds what, who waits for whom and since when, and deadlocks. It only reads.",
                  "ruche-inspect");
    wishes wanted;
    line.add_option("PID", wanted.processes, "Any process of a program; without one, all programs of yours");
    line.add_flag("-j,--json", wanted.json, "One line of JSON for each look");
    line.add_flag("-a,--all", wanted.everything, "Also what nobody holds or waits for");
    line.add_option("-w,--watch", wanted.every, "Look again every so many seconds, and tell how fast queues are used")
        ->expected(0, 1)
        ->default_str("1")
        ->check(CLI::Range(0.05, 86400.0));
    line.set_version_flag("--version", std::string("ruche-inspect ") + VERSION);
    CLI11_PARSE(line, count, words);
    try {
        return run(wanted);
    } catch (const std::invalid_argument& nothing) {
        std::cerr << "ruche-inspect: " << nothing.what() << '\n';
        return 1;
    } catch (const std::exception& refused) {
        std::cerr << "ruche-inspect: " << refused.what() << '\n';
        return 2;
    }
}
