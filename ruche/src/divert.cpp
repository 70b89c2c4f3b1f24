#include "fork_server.hpp"
#include "os/module.hpp"
#include "os/socket.hpp"
#include "os/startup.hpp"
#include "server_link.hpp"

#include <ruche/init.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ruche {

namespace {

/// The socket of a fork server, if that is what this process was executed to be. Kept from before the global
/// constructors until `main`'s place is taken.
fd& server_socket()
{
    static fd socket;
    return socket;
}

int server_main(int count, char** words, char**)
{
    // What global constructors have printed must not come out of every child again.
    std::fflush(nullptr);
    os::fall_silent();
    serve(server_socket(), {count, words});
}

/// Whether this process is to be a fork server. Before `main`, `environment` is what the kernel gave.
bool is_fork_server(char** environment)
{
    server_hello expected;
    const auto build = os::executable_build_id();
    std::memcpy(expected.build, build.bytes.data(), sizeof expected.build);
    const auto greeting = os::as_part(expected).first(offsetof(server_hello, program));
    server_socket() = os::take_announced_socket(environment, server_variable, greeting);
    return static_cast<bool>(server_socket());
}

} // namespace

void init(int count, char** words)
{
    if (!can_divert() && is_fork_server(os::current_environment())) {
        os::close_inherited(server_socket());
        server_main(count, words, os::current_environment());
    }
    set_can_divert();
}

int start_main(os::main_function main, int count, char** words, void (*init)(), void (*fini)(), void (*rtld_fini)(),
               void* stack_end)
{
    const auto start = os::original_start();
    if (!start)
        std::abort(); // nothing is set up yet: not even a message could be printed
    if (is_fork_server(words + count + 1)) {
        os::close_inherited(server_socket());
        main = server_main;
    }
    set_can_divert();
    return start(main, count, words, init, fini, rtld_fini, stack_end);
}

} // namespace ruche

/// The C library's first call into a program. Ours stands before it in the order of libraries, so that a process which
/// was executed to be a fork server never reaches the user's `main`; global objects are constructed as ever. Weak,
/// because a fully static link brings the C library's own.
extern "C" __attribute__((weak, used, visibility("default"))) int
__libc_start_main(ruche::os::main_function main, int count, char** words, void (*init)(), void (*fini)(),
                  void (*rtld_fini)(), void* stack_end)
{
    return ruche::start_main(main, count, words, init, fini, rtld_fini, stack_end);
}
