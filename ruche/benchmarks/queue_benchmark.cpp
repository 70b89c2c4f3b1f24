#include "bare_ring.hpp"

#include <ruche/channel.hpp>
#include <ruche/queue.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef WITH_BOOST
#include <boost/interprocess/ipc/message_queue.hpp>
#endif
#ifdef WITH_ZMQ
#include <zmq.h>
#endif

/// How many 48-byte messages a second go from process to process, beside the raw limit of the machine and what others
/// offer, in one run: read the ratios, not the numbers.
///
///     queue_benchmark [SECONDS]        for how long each is measured, three times in turn (0.3 by default)
namespace {

using clock_type = std::chrono::steady_clock;
using message = std::array<std::uint64_t, 6>;

struct result {
    const char* name;
    std::vector<double> rates{}; // messages a second, one of each run
    double median() const
    {
        std::vector<double> sorted = rates;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

double seconds = 0.3;

/// Counts what `take` gets while children run `give` for ever; they are killed at the end, which is part of the point.
double rate(int givers, int takers, const std::function<void()>& give, const std::function<std::size_t()>& take)
{
    std::vector<pid_t> children;
    auto* counts = static_cast<std::atomic<std::uint64_t>*>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    const auto start = [&](const std::function<void()>& body) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (;;)
                body();
        }
        children.push_back(child);
    };
    for (int i = 0; i < givers; ++i)
        start(give);
    for (int i = 0; i < takers; ++i)
        start([&, mine = counts + 8 * i] { mine->store(mine->load() + take(), std::memory_order_relaxed); });
    const auto sum = [&] {
        std::uint64_t all = 0;
        for (int i = 0; i < takers; ++i)
            all += counts[8 * i].load();
        return all;
    };
    ::usleep(50'000); // past the first page faults
    const auto before = sum();
    const auto begin = clock_type::now();
    ::usleep(static_cast<useconds_t>(seconds * 1e6));
    const auto after = sum();
    const double elapsed = std::chrono::duration<double>(clock_type::now() - begin).count();
    for (const pid_t child : children)
        ::kill(child, SIGKILL);
    for (const pid_t child : children)
        ::waitpid(child, nullptr, 0);
    ::munmap(counts, 4096);
    return static_cast<double>(after - before) / elapsed;
}

double bare()
{
    using ring = benchmarks::bare_ring<message, 4096>;
    void* place = ::mmap(nullptr, sizeof(ring), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* shared = new (place) ring;
    const double got = rate(
        1, 1,
        [&] {
            shared->try_push({1, 2, 3, 4, 5, 6});
        },
        [&] {
            message m;
            return std::size_t{shared->try_pop(m)};
        });
    ::munmap(place, sizeof(ring));
    return got;
}

double queue(int pairs)
{
    ruche::queue<message> q;
    return rate(
        pairs, pairs,
        [&] {
            q.push({1, 2, 3, 4, 5, 6});
        },
        [&] { return std::size_t{q.pop().has_value()}; });
}

double queue_ranges(int pairs)
{
    ruche::queue<message> q;
    const std::vector<message> many(64, message{1, 2, 3, 4, 5, 6});
    return rate(
        pairs, pairs, [&] { q.push_range(many); }, [&] { return q.pop_some(64).size(); });
}

double channel()
{
    auto [here, there] = ruche::make_channel<message, int>({.bytes = 256 * 1024});
    return rate(
        1, 1,
        [&] {
            here.send({1, 2, 3, 4, 5, 6});
        },
        [&] { return std::size_t{there.receive().has_value()}; });
}

double pipe_of_the_system()
{
    int ends[2];
    if (::pipe(ends) != 0)
        std::abort();
    const double got = rate(
        1, 1,
        [&] {
            const message m{1, 2, 3, 4, 5, 6};
            if (::write(ends[1], &m, sizeof m) != sizeof m)
                std::abort();
        },
        [&] {
            message m;
            return std::size_t{::read(ends[0], &m, sizeof m) == sizeof m};
        });
    ::close(ends[0]);
    ::close(ends[1]);
    return got;
}

double posix_queue()
{
    mq_attr attributes{};
    attributes.mq_maxmsg = 10;
    attributes.mq_msgsize = sizeof(message);
    const std::string name = "/ruche-benchmark-" + std::to_string(::getpid());
    const mqd_t q = ::mq_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (q == -1)
        return 0;
    ::mq_unlink(name.c_str());
    const double got = rate(
        1, 1,
        [&] {
            const message m{1, 2, 3, 4, 5, 6};
            ::mq_send(q, reinterpret_cast<const char*>(&m), sizeof m, 0);
        },
        [&] {
            message m;
            return std::size_t{::mq_receive(q, reinterpret_cast<char*>(&m), sizeof m, nullptr) == sizeof m};
        });
    ::mq_close(q);
    return got;
}

#ifdef WITH_BOOST
double boost_queue(int pairs)
{
    namespace ipc = boost::interprocess;
    const std::string name = "ruche-benchmark-" + std::to_string(::getpid());
    ipc::message_queue::remove(name.c_str());
    ipc::message_queue q(ipc::create_only, name.c_str(), 4096, sizeof(message));
    const double got = rate(
        pairs, pairs,
        [&] {
            const message m{1, 2, 3, 4, 5, 6};
            q.send(&m, sizeof m, 0);
        },
        [&] {
            message m;
            ipc::message_queue::size_type size = 0;
            unsigned priority = 0;
            q.receive(&m, sizeof m, size, priority);
            return std::size_t{size == sizeof m};
        });
    ipc::message_queue::remove(name.c_str());
    return got;
}
#endif

#ifdef WITH_ZMQ
double zmq()
{
    const std::string address = "ipc:///tmp/ruche-benchmark-" + std::to_string(::getpid());
    void* sender = nullptr;
    void* receiver = nullptr;
    const double got = rate(
        1, 1,
        [&] {
            if (!sender) {
                sender = ::zmq_socket(::zmq_ctx_new(), ZMQ_PUSH);
                ::zmq_connect(sender, address.c_str());
            }
            const message m{1, 2, 3, 4, 5, 6};
            ::zmq_send(sender, &m, sizeof m, 0);
        },
        [&] {
            if (!receiver) {
                receiver = ::zmq_socket(::zmq_ctx_new(), ZMQ_PULL);
                ::zmq_bind(receiver, address.c_str());
            }
            message m;
            return std::size_t{::zmq_recv(receiver, &m, sizeof m, 0) == sizeof m};
        });
    ::unlink(address.c_str() + std::strlen("ipc://"));
    return got;
}
#endif

struct entrant {
    const char* name;
    std::function<double()> run;
};

std::vector<entrant> entrants()
{
    return {
        {"bare ring, 1 to 1", bare},
        {"ruche::queue, 1 to 1", [] { return queue(1); }},
        {"ruche::queue, 2 to 2", [] { return queue(2); }},
        {"ruche::queue, 8 to 8", [] { return queue(8); }},
        {"ruche::queue, 32 to 32", [] { return queue(32); }},
        {"ruche::queue, ranges of 64", [] { return queue_ranges(1); }},
        {"ruche::channel", channel},
        {"pipe", pipe_of_the_system},
        {"POSIX message queue", posix_queue},
#ifdef WITH_BOOST
        {"Boost message_queue, 1 to 1", [] { return boost_queue(1); }},
        {"Boost message_queue, 2 to 2", [] { return boost_queue(2); }},
#endif
#ifdef WITH_ZMQ
        {"ZeroMQ ipc", zmq},
#endif
    };
}

} // namespace

int main(int argc, char** argv)
{
    if (argc > 1)
        seconds = std::atof(argv[1]);
    std::vector<result> results;
    for (int round = 0; round < 3; ++round) // in turn, so that what else the machine does falls on all alike
        for (std::size_t i = 0; const auto& one : entrants()) {
            if (argc > 2 && !std::strstr(one.name, argv[2]))
                continue;
            if (results.size() <= i)
                results.push_back({one.name});
            results[i++].rates.push_back(one.run());
        }
    const double own = results[results.size() > 1 ? 1 : 0].median();
    std::printf("%-30s %12s %12s %12s   %s\n", "48-byte messages a second", "median", "least", "most",
                "ruche::queue is");
    for (const auto& one : results) {
        const auto [least, most] = std::minmax_element(one.rates.begin(), one.rates.end());
        std::printf("%-30s %12.0f %12.0f %12.0f   %.2f times this\n", one.name, one.median(), *least, *most,
                    own / one.median());
    }
}
