#include "os/startup.hpp"

#include "os/os_error.hpp"
#include "os/surroundings.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <memory>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ruche::os {

start_function original_start() noexcept
{
    return reinterpret_cast<start_function>(::dlsym(RTLD_NEXT, "__libc_start_main"));
}

namespace {

/// The value of `variable`, and the environment without it. Works on the array as the kernel left it: before
/// `__libc_start_main`, `environ` is not set and `getenv` finds nothing.
const char* take_variable(char** environment, const char* variable)
{
    const std::size_t length = std::strlen(variable);
    const char* value = nullptr;
    char** to = environment;
    for (char** from = environment; *from; ++from)
        if (std::strncmp(*from, variable, length) == 0 && (*from)[length] == '=')
            value = *from + length + 1;
        else
            *to++ = *from;
    *to = nullptr;
    return value;
}

bool is_message_socket(int number)
{
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

bool greets(int socket, std::span<const std::byte> greeting)
{
    std::array<std::byte, 256> first{};
    const ssize_t length = ::recv(socket, first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
    return length >= static_cast<ssize_t>(greeting.size()) &&
           std::equal(greeting.begin(), greeting.end(), first.begin());
}

} // namespace

fd take_announced_socket(char** environment, const char* variable, std::span<const std::byte> greeting)
{
    const char* value = take_variable(environment, variable);
    if (!value)
        return {};
    char* end = nullptr;
    const long number = std::strtol(value, &end, 10);
    if (end == value || *end != '\0' || number < 3 || number > 1 << 20 ||
        !is_message_socket(static_cast<int>(number)) || !greets(static_cast<int>(number), greeting))
        return {};
    // Whoever runs a privileged program could have greeted it so. It is not diverted, and its main not run a second
    // time either.
    if (::getauxval(AT_SECURE) != 0)
        ::_exit(EXIT_FAILURE);
    ::fcntl(static_cast<int>(number), F_SETFD, FD_CLOEXEC);
    return fd(static_cast<int>(number));
}

namespace {

void make_nothing(std::initializer_list<int> numbers)
{
    const fd nothing(check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null"));
    for (const int number : numbers)
        replace_standard_stream(number, nothing);
}

} // namespace

void close_inherited(const fd& kept)
{
    close_descriptors_from(3, {kept.get()});
    make_nothing({0, 1});
}

void fall_silent() { make_nothing({2}); }

std::vector<int> open_descriptors(std::span<const int> others)
{
    std::vector<int> numbers;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
    if (!folder)
        throw_errno("list the open descriptors in /proc/self/fd");
    const int own = ::dirfd(folder.get());
    while (const dirent* entry = ::readdir(folder.get())) {
        const int number = std::atoi(entry->d_name); // "." and ".." give 0
        if (number >= 3 && number != own && std::find(others.begin(), others.end(), number) == others.end())
            numbers.push_back(number);
    }
    return numbers;
}

char** current_environment() noexcept { return environ; }

std::string program_name() { return program_invocation_short_name; }

} // namespace ruche::os
