// What a process in sandbox::compute() can do, and what each wall alone keeps in.

#include <ruche/async.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/this_process.hpp>

#include "helpers/forked.hpp"
#include "helpers/processes.hpp"
#include "lifeline.hpp"
#include "os/sanitizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <map>
#include <numeric>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;
namespace sandbox = ruche::sandbox;
using sandbox::layer;

namespace {

/// All layers; without namespaces where whoever set up this machine (a container, a chroot) refuses them to everybody.
/// That is looked for once, before any test takes something away from its process.
sandbox::profile computing(const sandbox::limits& most = {})
{
    static const bool have_namespaces = !sandbox::support().missing().contains(layer::namespaces);
    return sandbox::compute(most, have_namespaces ? sandbox::layers() : sandbox::layers(layer::namespaces));
}

ruche::process_options boxed(const sandbox::profile& profile = computing())
{
    return {.name = "boxed", .sandbox = profile};
}

sandbox::profile only(sandbox::layers wanted)
{
    sandbox::profile some = sandbox::compute();
    some.wanted = wanted;
    return some;
}

long sum_of(std::vector<int> numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0L); }

/// 0 if the call was made, else its errno.
int outcome(long result) { return result == -1 ? errno : 0; }

int try_open() { return outcome(::open("/etc/passwd", O_RDONLY | O_CLOEXEC)); }
int try_socket() { return outcome(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }
int try_fork() { return outcome(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
int try_signal_to_starter() { return outcome(::kill(ruche::this_process::parent(), 0)); }
int try_stat()
{
    struct stat facts {};
    return outcome(::stat("/etc/passwd", &facts));
}
int try_exec()
{
    std::array<char*, 2> words{const_cast<char*>("true"), nullptr};
    return outcome(::execve("/bin/true", words.data(), words.data() + 1));
}
int try_unprivileged_user_change() { return outcome(::setuid(12345)); }

/// Overflows the stack, if it is deep enough.
int deeper(int levels)
{
    volatile char room[1000] = {};
    room[0] = static_cast<char>(levels);
    return levels == 0 ? 0 : deeper(levels - 1) + room[0];
}

using attempt = void (*)();

/// What is tried, and the call that it must be killed for.
const std::map<std::string, attempt> forbidden{
    {"openat", [] { (void)try_open(); }},
    {"socket", [] { (void)try_socket(); }},
    {"clone", [] { (void)try_fork(); }},
    {"execve", [] { (void)try_exec(); }},
    {"kill", [] { (void)try_signal_to_starter(); }},
    {"newfstatat", [] { (void)try_stat(); }},
    {"chdir", [] { (void)!::chdir("/tmp"); }},
    {"ptrace", [] { ::ptrace(PTRACE_ATTACH, ruche::this_process::parent(), nullptr, nullptr); }},
    {"tgkill", [] { ::syscall(SYS_tgkill, ruche::this_process::parent(), ruche::this_process::parent(), 0); }},
    {"memfd_create", [] { ::memfd_create("more", 0); }},
    {"shmget", [] { ::shmget(IPC_PRIVATE, 4096, 0600); }},
    {"mprotect", [] { ::mprotect(nullptr, 4096, PROT_READ | PROT_EXEC); }},
    {"mmap", [] { ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
    {"fcntl", [] { ::fcntl(2, F_GETFL); }},
    {"ioctl", [] { ::isatty(2); }},
    {"prctl", [] { ::prctl(PR_SET_DUMPABLE, 1); }},
    {"unshare", [] { ::syscall(SYS_unshare, 0); }},
    {"setrlimit", [] { ::syscall(SYS_setrlimit, RLIMIT_NOFILE, nullptr); }},
    {"timer_delete", [] { ::syscall(SYS_timer_delete, 0); }},
    {"read",
     [] {
         char byte = 0;
         (void)!::read(0, &byte, 1);
     }},
    {"write", [] { (void)!::write(7, "x", 1); }},
};

/// For this process and all that it starts.
void install(std::vector<sock_filter> code)
{
    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        std::abort();
}

/// This machine's kernel as one that answers `error` to `calls`: for this process and all that it starts.
void without(std::initializer_list<long> calls, int error)
{
    std::vector<sock_filter> code{BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const long call : calls) {
        code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
        code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)));
    }
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    install(std::move(code));
}

class compute_sandbox : public testing::Test {
protected:
    void SetUp() override
    {
        if (ruche::os::under_sanitizer)
            GTEST_SKIP() << "a sanitizer's runtime needs calls that the sandbox refuses";
        const auto found = sandbox::support();
        if (!(found.missing() - layer::namespaces).empty())
            GTEST_SKIP() << "this kernel gives " << found.describe();
    }
    static void need_namespaces()
    {
        const auto found = sandbox::support();
        if (found.missing().contains(layer::namespaces))
            GTEST_SKIP() << "this machine gives " << found.describe();
    }
};
class a_wall_alone : public compute_sandbox {};
class a_machine_without : public compute_sandbox {};

} // namespace

TEST_F(compute_sandbox, computes_and_answers)
{
    EXPECT_EQ(ruche::async(boxed(), sum_of, std::vector<int>(1000, 3)).get(), 3000);
}

TEST_F(compute_sandbox, carries_arguments_and_answers_larger_than_a_socket_takes)
{
    const std::string large(5'000'000, 'x');
    EXPECT_EQ(ruche::async(
                  boxed(), [](std::string text) { return text + text; }, large)
                  .get(),
              large + large);
}

TEST_F(compute_sandbox, what_it_throws_arrives_as_the_same_type)
{
    auto answer = ruche::async(boxed(), [] { throw std::out_of_range("no such page"); });
    EXPECT_THROW(answer.get(), std::out_of_range);
}

TEST_F(compute_sandbox, an_answer_larger_than_allowed_is_an_error)
{
    auto answer = ruche::async(boxed(computing({.answer = 100'000})), [] { return std::string(200'000, 'x'); });
    EXPECT_ANY_THROW(answer.get());
}

TEST_F(compute_sandbox, what_it_prints_is_seen)
{
    const helpers::captured_output output(STDOUT_FILENO);
    EXPECT_TRUE(ruche::process(boxed(), [] { std::printf("found %d", 3); }).join().success());
    EXPECT_EQ(output.text(), "found 3");
}

TEST_F(compute_sandbox, may_read_a_descriptor_that_it_was_given)
{
    const helpers::temporary_file file;
    ruche::fd given(::open(file.path().c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(::pwrite(given.get(), "words", 5, 0), 5);
    const auto read_it = [](ruche::fd from) {
        std::string text(5, ' ');
        return ::pread(from.get(), text.data(), text.size(), 0) == 5 ? text : "";
    };
    EXPECT_EQ(ruche::async(boxed(), read_it, std::move(given)).get(), "words");
}

TEST_F(compute_sandbox, hears_a_request_to_stop)
{
    ruche::process p(boxed(), [](ruche::stop_token stop) { helpers::wait_for_stop(stop); });
    p.request_stop();
    EXPECT_TRUE(p.join().success());
}

TEST_F(compute_sandbox, is_killed_for_each_forbidden_call_and_the_report_names_it)
{
    for (const auto& [call, attempt] : forbidden) {
        ruche::process p(boxed(), attempt);
        const auto status = p.join();
        EXPECT_EQ(status.signal(), SIGSYS) << call;
        EXPECT_EQ(status.forbidden_call(), call);
        EXPECT_EQ(status.describe(), "killed for calling " + call + "(2), which its sandbox does not allow");
    }
}

TEST_F(compute_sandbox, the_report_says_where_the_forbidden_call_was_made)
{
    ruche::process p(boxed(), [] { (void)try_open(); });
    EXPECT_NE(p.join().stack().find("open"), std::string::npos);
}

TEST_F(compute_sandbox, may_not_start_processes_of_its_own)
{
    ruche::process p(boxed(), [] { ruche::process([] {}).join(); });
    EXPECT_EQ(p.join().signal(), SIGSYS);
}

TEST_F(compute_sandbox, may_not_start_threads)
{
    ruche::process p(boxed(), [] { std::thread([] {}).join(); });
    EXPECT_EQ(p.join().signal(), SIGSYS);
}

TEST_F(compute_sandbox, what_dies_of_a_crash_reports_it_as_ever)
{
    const std::map<int, attempt> crashes{
        {SIGABRT, [] { std::abort(); }},
        {SIGSEGV, [] { std::exit(deeper(1'000'000)); }},
        {SIGFPE, [] { std::raise(SIGFPE); }},
    };
    for (const auto& [signal, crash] : crashes) {
        ruche::process p(boxed(), crash);
        const auto status = p.join();
        EXPECT_EQ(status.signal(), signal);
        EXPECT_NE(status.stack(), "") << signal;
    }
}

TEST_F(compute_sandbox, a_limit_on_memory_is_a_bad_alloc)
{
    auto answer =
        ruche::async(boxed(computing({.memory = 64 << 20})), [] { return std::vector<char>(128 << 20, 'x').size(); });
    EXPECT_THROW(answer.get(), std::bad_alloc);
}

TEST_F(compute_sandbox, an_endless_loop_ends_with_its_processor_time)
{
    ruche::process p(boxed(computing({.cpu_time = 1s})), [] {
        volatile bool going = true;
        while (going) {
        }
    });
    const auto status = p.join();
    EXPECT_EQ(status.signal(), SIGXCPU);
    EXPECT_EQ(status.describe(), "killed after the 1 s of processor time that its sandbox allows");
}

TEST_F(compute_sandbox, sleeping_too_long_ends_with_its_wall_time)
{
    ruche::process p(boxed(computing({.wall_time = 100ms})), [] { std::this_thread::sleep_for(1h); });
    const auto status = p.join();
    EXPECT_EQ(status.signal(), SIGKILL);
    EXPECT_EQ(status.describe(), "killed after the 100 ms that its sandbox allows");
}

TEST_F(compute_sandbox, may_not_fill_a_disk_with_what_it_prints)
{
    std::string printed, ended;
    {
        const helpers::captured_output output(STDOUT_FILENO);
        ruche::process p(boxed(computing({.output = 10'000})), [] {
            for (;;)
                std::puts("again and again and again");
        });
        ended = p.join().describe();
        printed = output.text();
    }
    EXPECT_EQ(ended, "killed for printing more than the 10000 bytes that its sandbox allows");
    EXPECT_LE(printed.size(), 10'000U);
}

TEST_F(compute_sandbox, a_call_in_another_machines_convention_ends_it_at_once)
{
#if defined(__x86_64__)
    ruche::process p(boxed(), [] {
        long result = 20; // getpid of 32-bit programs
        asm volatile("int $0x80" : "+a"(result) : : "memory");
        std::_Exit(0);
    });
    const auto status = p.join();
    EXPECT_EQ(status.signal(), SIGSYS);
    EXPECT_EQ(status.forbidden_call(), std::nullopt);
#else
    GTEST_SKIP() << "this machine has one convention";
#endif
}

TEST_F(compute_sandbox, the_x32_numbers_are_refused)
{
#if defined(__x86_64__)
    ruche::process p(boxed(), [] { ::syscall(0x40000000L + SYS_getpid); });
    EXPECT_EQ(p.join().signal(), SIGSYS);
#else
    GTEST_SKIP() << "this machine has no such numbers";
#endif
}

TEST_F(compute_sandbox, only_the_calls_on_its_list_come_through)
{
    // Not those that end, suspend or wait, and not the two that the kernel lets past any filter (uretprobe, uprobe).
    const std::vector<long> apart{SYS_exit,
                                  SYS_exit_group,
                                  SYS_rt_sigreturn,
                                  SYS_munmap,
                                  SYS_brk,
                                  SYS_clock_nanosleep,
                                  SYS_nanosleep,
                                  SYS_futex,
                                  449,
                                  SYS_restart_syscall,
                                  335,
                                  336,
                                  SYS_close,
                                  SYS_alarm};
    std::vector<std::string> passed;
    for (long number = 0; number < 470; ++number) {
        if (std::find(apart.begin(), apart.end(), number) != apart.end())
            continue;
        ruche::process p(
            boxed(), [](long call) { ::syscall(call, -1L, -1L, -1L, -1L, -1L, -1L); }, number);
        if (const auto status = p.join(); status.signal() != SIGSYS)
            passed.push_back(std::to_string(number));
    }
    const std::vector<std::string> harmless{
        std::to_string(SYS_rt_sigaction),  std::to_string(SYS_rt_sigprocmask), std::to_string(SYS_sched_yield),
        std::to_string(SYS_mremap),        std::to_string(SYS_getpid),         std::to_string(SYS_gettimeofday),
        std::to_string(SYS_getrusage),     std::to_string(SYS_gettid),         std::to_string(SYS_sched_getaffinity),
        std::to_string(SYS_clock_gettime), std::to_string(SYS_clock_getres),   std::to_string(SYS_getrandom)};
    EXPECT_EQ(passed, harmless);
}

TEST_F(compute_sandbox, an_end_that_it_forges_is_not_believed)
{
    // One of these numbers is its own line to the starter, which it may use as it likes. All others end it at once.
    int aborted = 0;
    for (int number = 3; number < 12; ++number) {
        ruche::process p(
            boxed(),
            [](int line) {
                ruche::lifeline_header ended{ruche::lifeline_kind::ended, 0};
                iovec piece{&ended, sizeof ended};
                msghdr header{};
                header.msg_iov = &piece;
                header.msg_iovlen = 1;
                ::sendmsg(line, &header, MSG_NOSIGNAL);
                std::abort();
            },
            number);
        const auto status = p.join();
        EXPECT_FALSE(status.success());
        aborted += status.signal() == SIGABRT ? 1 : 0;
    }
    EXPECT_EQ(aborted, 1);
}

TEST_F(compute_sandbox, an_answer_that_is_no_message_is_an_error_not_a_crash)
{
    int refused = 0;
    for (int number = 3; number < 12; ++number) {
        auto answer = ruche::async(
            boxed(),
            [](int line) {
                std::array<std::uint64_t, 16> junk{};
                junk.fill(0xfefefefefefefefeU);
                const ruche::lifeline_header threw{ruche::lifeline_kind::threw, 0};
                std::memcpy(junk.data(), &threw, sizeof threw);
                iovec piece{junk.data(), sizeof junk};
                msghdr header{};
                header.msg_iov = &piece;
                header.msg_iovlen = 1;
                ::sendmsg(line, &header, MSG_NOSIGNAL);
                return std::string();
            },
            number);
        try {
            (void)answer.get();
        } catch (const ruche::bad_message&) {
            ++refused;
        } catch (const ruche::process_died& died) {
            EXPECT_EQ(died.status().signal(), SIGSYS); // it was another number
        }
    }
    EXPECT_EQ(refused, 1);
}

TEST_F(compute_sandbox, support_is_found_by_trying)
{
    const auto found = sandbox::support();
    EXPECT_EQ(found.held() | found.missing(), sandbox::layers::all()) << found.describe();
    const auto asked = sandbox::compute({}, found.missing());
    ruche::process p(boxed(asked), [] {});
    EXPECT_EQ(p.sandbox().held(), found.held()) << p.sandbox().describe();
}

TEST_F(a_wall_alone, limits_keep_files_sockets_and_processes_out)
{
    const auto options = boxed(only(layer::limits));
    EXPECT_EQ(ruche::async(options, try_open).get(), EMFILE);
    EXPECT_EQ(ruche::async(options, try_socket).get(), EMFILE);
}

TEST_F(a_wall_alone, namespaces_leave_no_file_no_program_and_no_network)
{
    need_namespaces();
    if (IsSkipped())
        return;
    const auto options = boxed(only(layer::namespaces));
    EXPECT_EQ(ruche::async(options, try_open).get(), ENOENT);
    EXPECT_EQ(ruche::async(options, try_exec).get(), ENOENT);
    const auto send_away = [] {
        const int number = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_in there{};
        there.sin_family = AF_INET;
        there.sin_port = htons(53);
        there.sin_addr.s_addr = htonl(0x7f000001);
        return outcome(::sendto(number, "x", 1, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there));
    };
    EXPECT_EQ(ruche::async(options, send_away).get(), ENETUNREACH);
}

TEST_F(a_wall_alone, landlock_refuses_files_programs_and_signals)
{
    const auto options = boxed(only(layer::landlock));
    EXPECT_EQ(ruche::async(options, try_open).get(), EACCES);
    EXPECT_EQ(ruche::async(options, try_exec).get(), EACCES);
    EXPECT_EQ(ruche::async(options, try_signal_to_starter).get(), EPERM);
}

TEST_F(a_wall_alone, without_capabilities_nobody_changes_users)
{
    EXPECT_EQ(ruche::async(boxed(only(layer::capabilities)), try_unprivileged_user_change).get(), EPERM);
}

TEST_F(a_wall_alone, seccomp_needs_no_other)
{
    for (const auto& [call, attempt] : forbidden)
        EXPECT_EQ(ruche::process(boxed(only(layer::seccomp)), attempt).join().forbidden_call(), call);
}

TEST_F(a_machine_without, landlock_refuses_the_start_and_says_why)
{
    helpers::forked program([] {
        without({444, 445, 446}, ENOSYS);
        try {
            ruche::process(boxed(), [] {}).join();
            return 1;
        } catch (const ruche::start_failed& refused) {
            return refused.code().value() == ENOSYS && std::string(refused.what()).find("Landlock") != std::string::npos
                       ? 0
                       : 2;
        }
    });
    EXPECT_EQ(program.join(), 0);
}

TEST_F(a_machine_without, namespaces_starts_where_that_is_allowed_and_tells)
{
    helpers::forked program([] {
        without({SYS_unshare}, EPERM);
        ruche::process p(boxed(sandbox::compute({}, layer::namespaces)), [] {});
        const auto walls = p.sandbox();
        const bool told =
            walls.missing() == layer::namespaces &&
            walls.describe() == "limits, capabilities, Landlock, seccomp; without namespaces (Operation not permitted)";
        return told && p.join().success() ? 0 : 1;
    });
    EXPECT_EQ(program.join(), 0);
}

TEST_F(a_machine_without, seccomp_refuses_the_start_before_any_code_runs)
{
    helpers::forked program([] {
        install({BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
                 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
                 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
                 BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)});
        const helpers::captured_output output(STDOUT_FILENO);
        try {
            ruche::process(boxed(), [] { std::puts("it ran"); }).join();
            return 1;
        } catch (const ruche::start_failed& refused) {
            const bool named = std::string(refused.what()).find("seccomp") != std::string::npos;
            return named && output.text().empty() ? 0 : 2;
        }
    });
    EXPECT_EQ(program.join(), 0);
}

TEST(sandbox_layers, describe_themselves)
{
    EXPECT_EQ(sandbox::describe(layer::limits | layer::seccomp), "limits, seccomp");
    EXPECT_EQ(sandbox::describe({}), "none");
}
