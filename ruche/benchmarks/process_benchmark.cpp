// What it costs to start a process and join it, beside a bare fork and Python's start methods; and how soon a death is
// noticed. Run: build/bench/ruche/benchmarks/process_benchmark [TURNS]

#include <ruche/process.hpp>
#include <ruche/sandbox.hpp>

#include "table.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <poll.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

double microseconds(clock_type::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

void nothing() {}

void for_ever()
{
    for (;;)
        ::pause();
}

double start_and_join(int times, const ruche::process_options& options = {})
{
    const auto start = clock_type::now();
    for (int i = 0; i < times; ++i)
        ruche::process(options, nothing).join();
    return microseconds(clock_type::now() - start) / times;
}

/// Starts that find a spare: the pause before each gives the fork server the time to make one. `join`: whether the end
/// is waited for while the clock runs.
double start_from_spare(int times, const ruche::process_options& options, bool join)
{
    clock_type::duration spent{};
    for (int i = 0; i < times; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const auto start = clock_type::now();
        ruche::process p(options, nothing);
        if (join)
            p.join();
        spent += clock_type::now() - start;
        p.join();
    }
    return microseconds(spent) / times;
}

/// What `command` prints: a number.
double figure_of(const std::string& command)
{
    FILE* output = ::popen(command.c_str(), "r");
    double figure = 0;
    const bool read = output && std::fscanf(output, "%lf", &figure) == 1;
    if (output)
        ::pclose(output);
    return read ? figure : 0;
}

std::string python(const std::string& method)
{
    return "python3 -c \"\nimport multiprocessing as m, time\ndef nothing(): pass\n"
           "if __name__ == '__main__':\n"
           "    c = m.get_context('" +
           method +
           "'); p = c.Process(target=print, args=()) \n"
           "    from os import getpid\n"
           "    p = c.Process(target=getpid); p.start(); p.join()\n"
           "    n = 20; t = time.perf_counter()\n"
           "    for i in range(n):\n"
           "        p = c.Process(target=getpid); p.start(); p.join()\n"
           "    print((time.perf_counter() - t) / n * 1e6)\n\" 2>/dev/null";
}

/// A caller that is hard to fork: memory that is all touched, and threads.
class heavy_caller {
public:
    heavy_caller() : memory_(std::size_t{1} << 30, 'x')
    {
        for (int i = 0; i < 100; ++i)
            threads_.emplace_back([this] {
                std::unique_lock lock(mutex_);
                end_.wait(lock, [this] { return ended_; });
            });
    }
    ~heavy_caller()
    {
        {
            const std::scoped_lock lock(mutex_);
            ended_ = true;
        }
        end_.notify_all();
    }
    heavy_caller(const heavy_caller&) = delete;
    heavy_caller& operator=(const heavy_caller&) = delete;

private:
    std::vector<char> memory_;
    std::mutex mutex_;
    std::condition_variable end_;
    bool ended_ = false;
    std::vector<std::jthread> threads_;
};

/// What this machine's sandboxes have to do without; said, as the figures then tell less.
ruche::sandbox::layers missing_here()
{
    const auto found = ruche::sandbox::support();
    if (!found.missing().empty())
        std::printf("Sandboxes here: %s.\n\n", found.describe().c_str());
    return found.missing();
}

void starts(int turns, const std::string& bare)
{
    constexpr int times = 500;
    const ruche::process_options sandboxed{.name = "sandboxed", .sandbox = ruche::sandbox::compute({}, missing_here())};
    benchmark::table table("Start and join an empty function", "µs");
    const bool have_python = figure_of(python("forkserver")) > 0;
    for (int turn = 0; turn < turns; ++turn) {
        table.add("bare fork, _exit, waitpid in a small C program", figure_of(bare + " 500"));
        table.add("ruche", start_and_join(times));
        table.add("ruche, in a sandbox, one after the other", start_and_join(times, sandboxed));
        table.add("ruche, in a sandbox, from a warm spare", start_from_spare(100, sandboxed, true));
        table.add("the same, the start alone", start_from_spare(100, sandboxed, false));
        {
            const heavy_caller heavy;
            table.add("ruche, caller with 1 GiB and 100 threads", start_and_join(times));
        }
        if (have_python) {
            table.add("Python forkserver", figure_of(python("forkserver")));
            table.add("Python spawn", figure_of(python("spawn")));
        }
    }
    table.print();
}

void notices()
{
    std::vector<double> delays;
    for (int i = 0; i < 1000; ++i) {
        ruche::process p(for_ever);
        clock_type::time_point seen;
        std::jthread waiter([&] {
            pollfd watched{p.native_handle(), POLLIN, 0};
            (void)::poll(&watched, 1, -1);
            p.join();
            seen = clock_type::now();
        });
        const auto killed = clock_type::now();
        p.kill();
        waiter.join();
        delays.push_back(microseconds(seen - killed));
    }
    std::sort(delays.begin(), delays.end());
    std::printf("### From kill to the joiner's return\n\n| median (µs) | 99 %% | most |\n| ---: | ---: | ---: |\n"
                "| %.0f | %.0f | %.0f |\n\n",
                delays[500], delays[990], delays.back());
}

} // namespace

int main(int count, char** words)
{
    const std::string here = words[0];
    const std::string bare = here.substr(0, here.rfind('/') + 1) + "bare_fork";
    starts(count > 1 ? std::atoi(words[1]) : 9, bare);
    notices();
}
