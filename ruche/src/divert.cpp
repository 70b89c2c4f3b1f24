#include "fork_server.hpp"
#include "os/family.hpp"
#include "os/module.hpp"
#include "os/signals.hpp"
#include "os/socket.hpp"
#include "os/startup.hpp"
#include "server_link.hpp"

#include <ruche/init.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace ruche {

namespace {

/// What this process was executed to be, and its socket to whoever did so. Kept from before the global constructors
/// until `main`'s place is taken.
enum class role { program, server, process };

struct executed_as {
    role what = role::program;
    fd socket;
};

executed_as& this_image()
{
    static executed_as image;
    return image;
}

/// What global constructors have printed must not come out of every child again.
///
/// The C++ library's own functions are called, not those that a compiler makes of the headers: the loader looks up what
/// they call at the first call, and each child would look it up anew when it flushes the streams at its exit.
void flush_everything()
{
    std::ostream& (*volatile flush)(std::ostream&) = &std::flush<char, std::char_traits<char>>;
    std::wostream& (*volatile flush_wide)(std::wostream&) = &std::flush<wchar_t, std::char_traits<wchar_t>>;
    flush(std::cout);
    flush(std::clog);
    flush(std::cerr); // which has nothing to flush, but looks further
    flush_wide(std::wcout);
    flush_wide(std::wclog);
    std::fflush(nullptr);
}

int diverted_main(int count, char** words, char**)
{
    flush_everything();
    if (this_image().what == role::process)
        run_executed(this_image().socket, os::place_of_title(words, count));
    os::fall_silent();
    if (count > 0)
        os::set_process_title(words[0], {}); // the kernel calls it "exe", after the link that was executed
    serve(this_image().socket, os::place_of_title(words, count));
}

/// The socket that `variable` announces, if a `Hello` of this build waits there.
template <class Hello>
fd announced_socket(char** environment, const char* variable)
{
    Hello expected;
    const auto build = os::executable_build_id();
    std::memcpy(expected.build, build.bytes.data(), sizeof expected.build);
    const auto greeting = os::as_part(expected).first(offsetof(Hello, build) + sizeof expected.build);
    return os::take_announced_socket(environment, variable, greeting);
}

/// Whether this process is to be something else than the program. Before `main`, `environment` is what the kernel gave.
bool is_diverted(char** environment)
{
    auto& image = this_image();
    image.socket = announced_socket<server_hello>(environment, server_variable);
    image.what = role::server;
    if (!image.socket) {
        image.socket = announced_socket<process_hello>(environment, process_variable);
        image.what = image.socket ? role::process : role::program;
    }
    return image.what != role::program;
}

} // namespace

void init(int count, char** words)
{
    if (!can_divert() && is_diverted(os::current_environment())) {
        os::close_inherited(this_image().socket);
        diverted_main(count, words, os::current_environment());
    }
    set_can_divert();
}

int start_main(os::main_function main, int count, char** words, void (*init)(), void (*fini)(), void (*rtld_fini)(),
               void* stack_end)
{
    const auto start = os::original_start();
    if (!start)
        std::abort(); // nothing is set up yet: not even a message could be printed
    if (is_diverted(words + count + 1)) {
        os::close_inherited(this_image().socket);
        os::hold_back_signals();
        main = diverted_main;
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
