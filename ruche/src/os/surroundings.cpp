#include "os/surroundings.hpp"

#include "os/os_error.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ruche::os {

bool is_open(int number) noexcept { return ::fcntl(number, F_GETFD) != -1; }

fd open_directory(const std::filesystem::path& path)
{
    const bool given = !path.empty();
    const std::string doing = "open the working directory" + (given ? " " + path.string() : "");
    return own(::open(given ? path.c_str() : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), doing.c_str());
}

std::string environment_block()
{
    std::string block;
    for (char** setting = environ; setting && *setting; ++setting)
        block.append(*setting).push_back('\0');
    return block;
}

std::uint32_t file_mode_mask()
{
    const fd file(check(::open("/proc/self/status", O_RDONLY | O_CLOEXEC), "open /proc/self/status"));
    std::array<char, 512> text{}; // "Name:" and "Umask:" are its first two lines (proc(5), since Linux 4.7)
    const ssize_t length =
        check(retry([&] { return ::read(file.get(), text.data(), text.size() - 1); }), "read /proc/self/status");
    const std::string_view view(text.data(), static_cast<std::size_t>(length));
    const auto at = view.find("\nUmask:");
    if (at == std::string_view::npos)
        throw_error(ENOTSUP, "read the file mode mask from /proc/self/status");
    return static_cast<std::uint32_t>(std::strtoul(text.data() + at + 7, nullptr, 8));
}

std::uint64_t signal_mask()
{
    sigset_t set;
    check(::pthread_sigmask(SIG_SETMASK, nullptr, &set), "read the signal mask");
    std::uint64_t mask = 0;
    std::memcpy(&mask, &set, sizeof mask); // the kernel's 64 signals come first in glibc's set
    return mask;
}

void replace_standard_stream(int number, const fd& replacement)
{
    if (replacement)
        check(retry([&] { return ::dup2(replacement.get(), number); }), "make descriptor ", number);
    else
        ::close(number);
}

void change_directory(const fd& directory) { check(::fchdir(directory.get()), "change to the working directory"); }

void replace_environment(std::string& block)
{
    // The array lives as long as the process: environ points at it.
    const auto count = static_cast<std::size_t>(std::count(block.begin(), block.end(), '\0'));
    char** list = new char*[count + 1]; // NOLINT(cppcoreguidelines-owning-memory)
    environ = list;
    for (char* at = block.data(); at < block.data() + block.size(); at += std::strlen(at) + 1)
        *list++ = at;
    *list = nullptr;
}

void set_file_mode_mask(std::uint32_t mask) { ::umask(mask); }

void set_signal_mask(std::uint64_t mask)
{
    sigset_t set;
    ::sigemptyset(&set);
    std::memcpy(&set, &mask, sizeof mask);
    check(::pthread_sigmask(SIG_SETMASK, &set, nullptr), "set the signal mask");
}

void close_descriptors_from(int first, std::vector<int> kept)
{
    std::sort(kept.begin(), kept.end());
    auto from = static_cast<unsigned>(first);
    for (const int number : kept) {
        if (number < first)
            continue;
        const auto keep = static_cast<unsigned>(number);
        if (keep > from)
            ::close_range(from, keep - 1, 0);
        from = keep + 1;
    }
    ::close_range(from, UINT_MAX, 0);
}

} // namespace ruche::os
