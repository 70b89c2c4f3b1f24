#include "os/proc.hpp"

#include "os/os_error.hpp"

#include <charconv>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <sstream>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ruche::os::proc {

namespace {

using folder = std::unique_ptr<DIR, int (*)(DIR*)>;

std::string path_of(int process, std::string_view what)
{
    return "/proc/" + std::to_string(process) + "/" + std::string(what);
}

std::string contents(const std::string& path)
{
    std::string text;
    const fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    for (;;) {
        char piece[4096];
        const ssize_t count = file ? retry([&] { return ::read(file.get(), piece, sizeof piece); }) : 0;
        if (count <= 0)
            return text; // all of it, or the process has gone meanwhile
        text.append(piece, static_cast<std::size_t>(count));
    }
}

/// The numbers among the names in a folder.
std::vector<int> numbers_in(const std::string& path)
{
    std::vector<int> numbers;
    const folder open(::opendir(path.c_str()), ::closedir);
    if (!open)
        return numbers;
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string_view name = entry->d_name;
        int number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size())
            numbers.push_back(number);
    }
    return numbers;
}

/// The label in "/memfd:LABEL (deleted)".
std::optional<std::string> label_in(std::string_view target)
{
    constexpr std::string_view before = "/memfd:", after = " (deleted)";
    if (!target.starts_with(before) || !target.ends_with(after))
        return std::nullopt;
    return std::string(target.substr(before.size(), target.size() - before.size() - after.size()));
}

std::optional<mapping> parse_mapping(const std::string& line)
{
    const auto name = line.find("/memfd:");
    const auto label = name == std::string::npos ? std::nullopt : label_in(std::string_view(line).substr(name));
    if (!label)
        return std::nullopt;
    // begin-end perms offset device inode
    std::istringstream words(line);
    mapping found;
    char dash = 0;
    std::string perms, device;
    words >> std::hex >> found.begin >> dash >> found.end >> perms >> found.offset >> device >> std::dec >> found.inode;
    if (!words)
        return std::nullopt;
    found.label = *label;
    return found;
}

} // namespace

std::vector<int> processes()
{
    auto all = numbers_in("/proc");
    if (all.empty())
        throw_error(ENOENT, "list the processes in /proc");
    return all;
}

std::optional<facts> look_at(int process)
{
    const std::string line = contents(path_of(process, "stat"));
    const auto open = line.find('('), close = line.rfind(')'); // the name between may hold anything
    if (open == std::string::npos || close == std::string::npos || close + 2 > line.size())
        return std::nullopt;
    std::istringstream rest(line.substr(close + 1));
    const std::vector<std::string> fields{std::istream_iterator<std::string>(rest), {}};
    if (fields.size() < 22)
        return std::nullopt;
    facts found;
    found.name = line.substr(open + 1, close - open - 1);
    found.state = fields[0][0];
    found.parent = std::atoi(fields[1].c_str());
    found.threads = static_cast<unsigned>(std::atoi(fields[17].c_str()));
    found.resident =
        std::strtoull(fields[21].c_str(), nullptr, 10) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    found.command = contents(path_of(process, "cmdline")).c_str(); // up to the first zero
    while (found.command.ends_with(' '))
        found.command.pop_back();
    return found;
}

int process_of(int thread)
{
    std::istringstream status(contents(path_of(thread, "status")));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("Tgid:"))
            return std::atoi(line.c_str() + 5);
    return 0;
}

std::vector<mapping> memory_mappings(int process)
{
    std::vector<mapping> all;
    std::istringstream lines(contents(path_of(process, "maps")));
    for (std::string line; std::getline(lines, line);)
        if (auto found = parse_mapping(line))
            all.push_back(std::move(*found));
    return all;
}

std::vector<memory_descriptor> memory_descriptors(int process)
{
    std::vector<memory_descriptor> all;
    const std::string path = path_of(process, "fd");
    for (const int number : numbers_in(path)) {
        const std::string link = path + "/" + std::to_string(number);
        std::string target(512, '\0');
        const ssize_t length = ::readlink(link.c_str(), target.data(), target.size());
        if (length <= 0)
            continue;
        target.resize(static_cast<std::size_t>(length));
        struct stat status {};
        if (auto label = label_in(target); label && ::stat(link.c_str(), &status) == 0)
            all.push_back({number, status.st_ino, std::move(*label)});
    }
    return all;
}

bool read_memory(int process, std::uint64_t address, std::span<std::byte> into)
{
    const iovec here{into.data(), into.size()};
    const iovec there{reinterpret_cast<void*>(address), into.size()};
    return ::process_vm_readv(process, &here, 1, &there, 1, 0) == static_cast<ssize_t>(into.size());
}

view::view(int process, const memory_descriptor& which) noexcept
{
    const std::string path = path_of(process, "fd/" + std::to_string(which.number));
    const fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    // The number may be another file's by now; and what could shrink is not looked at.
    if (!file || ::fstat(file.get(), &status) != 0 || status.st_ino != which.inode || status.st_size <= 0 ||
        (::fcntl(file.get(), F_GET_SEALS) & F_SEAL_SHRINK) == 0)
        return;
    const auto size = static_cast<std::size_t>(status.st_size);
    const void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_NORESERVE, file.get(), 0);
    if (at != MAP_FAILED)
        bytes_ = {static_cast<const std::byte*>(at), size};
}

view::~view()
{
    if (!bytes_.empty())
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

} // namespace ruche::os::proc
