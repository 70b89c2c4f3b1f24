#include "helpers/processes.hpp"

#include "os/futex.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace helpers {

namespace fs = std::filesystem;

namespace {

/// The fields of /proc/ID/stat that follow the name, which may hold anything: the state, the parent, …
std::vector<std::string> stat_fields(int id)
{
    std::ifstream file("/proc/" + std::to_string(id) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto end_of_name = text.rfind(')');
    if (end_of_name == std::string::npos)
        return {};
    std::istringstream rest(text.substr(end_of_name + 1));
    return {std::istream_iterator<std::string>(rest), {}};
}

} // namespace

bool exists(int id)
{
    const auto fields = stat_fields(id);
    return !fields.empty() && fields[0] != "Z" && fields[0] != "X";
}

bool gone_within(int id, std::chrono::nanoseconds patience)
{
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
    if (process < 0)
        return errno == ESRCH;
    const bool gone = readable_within(process, std::chrono::ceil<std::chrono::milliseconds>(patience));
    ::close(process);
    return gone;
}

int parent_of(int id)
{
    const auto fields = stat_fields(id);
    return fields.size() > 1 ? std::stoi(fields[1]) : 0;
}

bool readable_within(int descriptor, std::chrono::milliseconds patience)
{
    pollfd watched{descriptor, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(patience.count())) == 1;
}

std::size_t count_descriptors()
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

std::vector<std::string> open_files_outside_of_ruche()
{
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone; // the iterator's own descriptor
        const std::string target = fs::read_symlink(entry, gone).string();
        if (std::stoi(entry.path().filename()) >= 3 && !gone && !target.starts_with("socket:") &&
            !target.starts_with("/memfd:") && !target.starts_with("anon_inode:") && !target.starts_with("/proc/"))
            files.push_back(target);
    }
    return files;
}

std::string working_directory() { return fs::current_path(); }

void wait_for_stop(const ruche::stop_token& stop)
{
    while (!stop.stop_requested())
        ruche::os::futex_wait(*stop.native_handle(), 0, ruche::deadline());
}

scoped_directory::scoped_directory(const std::string& path) : before_(::open(".", O_PATH | O_CLOEXEC))
{
    fs::current_path(path);
}

scoped_directory::~scoped_directory()
{
    if (::fchdir(before_) != 0)
        std::abort(); // the tests that follow would run elsewhere
    ::close(before_);
}

captured_output::captured_output(int descriptor) :
    descriptor_(descriptor), before_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 10)),
    file_(::memfd_create("captured", MFD_CLOEXEC))
{
    std::fflush(nullptr);
    ::dup2(file_, descriptor_);
}

captured_output::~captured_output()
{
    std::fflush(nullptr);
    ::dup2(before_, descriptor_);
    ::close(before_);
    ::close(file_);
}

std::string captured_output::text() const
{
    std::fflush(nullptr);
    std::string text(static_cast<std::size_t>(::lseek(file_, 0, SEEK_END)), '\0');
    return ::pread(file_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()) ? text : "";
}

closed_descriptor::closed_descriptor(int descriptor) :
    descriptor_(descriptor), before_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 10))
{
    ::close(descriptor_);
}

closed_descriptor::~closed_descriptor()
{
    ::dup2(before_, descriptor_);
    ::close(before_);
}

temporary_file::temporary_file() : path_(fs::temp_directory_path() / "ruche-test-XXXXXX")
{
    ::close(::mkstemp(path_.data()));
}

temporary_file::~temporary_file()
{
    std::error_code gone;
    fs::remove(path_, gone);
}

} // namespace helpers
