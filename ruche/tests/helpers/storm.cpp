#include "helpers/storm.hpp"

#include "helpers/forked.hpp"

#include <ruche/process.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <random>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace helpers {

namespace {

using clock_type = std::chrono::steady_clock;

void idle()
{
    for (;;)
        ::pause();
}

/// Starts two processes in each of the ways, which do the same, and looks after them; some end by themselves.
void a_generation(int depth, std::uint32_t seed)
{
    std::minstd_rand random(seed + 1);
    std::vector<ruche::process> children;
    for (int turn = 0; depth > 0; ++turn) {
        const auto its_seed = static_cast<std::uint32_t>(random());
        const auto method = its_seed % 16 == 0 ? ruche::start_method::exec : ruche::start_method::fresh;
        try {
            if (its_seed % 8 == 1)
                children.emplace_back(ruche::forked, a_generation, depth - 1, its_seed);
            else
                children.emplace_back(ruche::process_options{.method = method}, a_generation, depth - 1, its_seed);
        } catch (const ruche::start_failed&) {
            continue; // whoever was to start it was killed, which is what the storm is about
        }
        if (children.size() > 2) {
            children[its_seed % 3].kill();
            children.erase(children.begin() + its_seed % 3);
        }
    }
    if (seed % 3 != 0)
        idle();
}

/// All living descendants of `root`, itself excluded, as /proc knows them.
std::vector<int> descendants_of(int root)
{
    std::vector<int> found{root};
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto task = "/proc/" + std::to_string(found[i]) + "/task/" + std::to_string(found[i]) + "/children";
        std::ifstream children(task);
        for (int id = 0; children >> id;)
            found.push_back(id);
    }
    found.erase(found.begin());
    return found;
}

std::string first_line(int id, const char* fact)
{
    std::ifstream file("/proc/" + std::to_string(id) + "/" + fact);
    std::string line;
    std::getline(file, line);
    return line;
}

/// Who is left, and where in the kernel each sleeps.
std::string describe(const std::vector<int>& processes)
{
    std::string text;
    for (const int id : processes)
        text += first_line(id, "comm") + " (" + std::to_string(id) + ", in " + first_line(id, "wchan") + ") ";
    return text;
}

/// Waits until nobody is left of those that this process has adopted; returns who still is.
std::string wait_for_all(std::chrono::seconds patience)
{
    const auto until = clock_type::now() + patience;
    for (;;) {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        const auto left = descendants_of(::getpid());
        if (left.empty())
            return "";
        if (clock_type::now() > until)
            return describe(left);
        ::poll(nullptr, 0, 1);
    }
}

} // namespace

storm_outcome kill_at_random(int kills, std::uint32_t seed)
{
    storm_outcome outcome;
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return outcome;
    std::minstd_rand random(seed);
    while (outcome.kills < kills && outcome.left_behind.empty()) {
        ++outcome.programs;
        const auto its_seed = static_cast<std::uint32_t>(random());
        forked program([its_seed] {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // should the test itself be ended
            const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
            ::dup2(nowhere, STDERR_FILENO); // what is said of all those deaths
            a_generation(3, its_seed);
            return 0;
        });
        for (int victims = static_cast<int>(random() % 40); victims > 0; --victims) {
            ::poll(nullptr, 0, static_cast<int>(random() % 4)); // the random moment
            const auto family = descendants_of(::getpid());     // the program, its fork server, and all the others
            if (family.empty())
                break;
            const int victim = family[random() % family.size()];
            if (victim == program.pid())
                continue;
            outcome.kills += ::kill(victim, SIGKILL) == 0;
        }
        program.kill();
        ++outcome.kills;
        const auto ended = clock_type::now();
        program.join();
        outcome.left_behind = wait_for_all(std::chrono::seconds(10));
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(clock_type::now() - ended).count();
        outcome.slowest_ms = std::max<std::int64_t>(outcome.slowest_ms, took);
    }
    return outcome;
}

} // namespace helpers
