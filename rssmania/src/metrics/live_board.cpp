#include "metrics/live_board.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rssmania {
namespace {

constexpr std::uint64_t this_layout = 0x52737331'00000001; // "Rss1", then the version
constexpr const char* file_name = "live";

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

std::shared_ptr<live_numbers> map(int file, int protection)
{
    const int kind = file < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED;
    void* memory = ::mmap(nullptr, sizeof(live_numbers), protection, kind, file, 0);
    if (memory == MAP_FAILED)
        throw ruche::os_error(errno, "map the live numbers");
    return {static_cast<live_numbers*>(memory), [](live_numbers* mapped) { ::munmap(mapped, sizeof(live_numbers)); }};
}

bool is_whole(int file)
{
    struct stat about {};
    return ::fstat(file, &about) == 0 && about.st_size >= static_cast<off_t>(sizeof(live_numbers));
}

void add(live_numbers::number& to, std::uint64_t what) { to.fetch_add(what, std::memory_order_relaxed); }

} // namespace

// A new file each time: whoever still looks at the old one sees what it says, and nobody a mixture.
live_board live_board::make(const std::filesystem::path& directory)
{
    const auto name = directory / file_name;
    ::unlink(name.c_str());
    const ruche::fd file(::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    // Reserved, so that a full disk is an error now and no signal later.
    const int error = file ? ::posix_fallocate(file.get(), 0, sizeof(live_numbers)) : errno;
    if (error != 0)
        throw ruche::os_error(error, "make " + name.string());
    auto numbers = map(file.get(), PROT_READ | PROT_WRITE);
    ::new (numbers.get()) live_numbers;
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
    numbers->started = static_cast<std::uint64_t>(now.count());
    numbers->beat = static_cast<std::uint64_t>(now.count());
    numbers->process = static_cast<std::uint64_t>(::getpid());
    numbers->layout = this_layout;
    return live_board(std::move(numbers));
}

live_board live_board::join(const std::filesystem::path& directory)
{
    const ruche::fd file(::open((directory / file_name).c_str(), O_RDWR | O_CLOEXEC));
    if (file && is_whole(file.get())) {
        auto numbers = map(file.get(), PROT_READ | PROT_WRITE);
        if (numbers->layout == this_layout)
            return live_board(std::move(numbers));
    }
    auto numbers = map(-1, PROT_READ | PROT_WRITE);
    ::new (numbers.get()) live_numbers;
    return live_board(std::move(numbers));
}

std::optional<live_board> live_board::look(const std::filesystem::path& directory)
{
    const ruche::fd file(::open((directory / file_name).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || !is_whole(file.get()))
        return std::nullopt;
    auto numbers = map(file.get(), PROT_READ);
    if (numbers->layout != this_layout || !is_running(numbers->process))
        return std::nullopt;
    return live_board(std::move(numbers));
}

void live_board::count(const visited& visit) const
{
    add(numbers_->polls.at(static_cast<std::size_t>(visit.result)), 1);
    if (visit.wrong)
        add(numbers_->problems.at(
                std::min(static_cast<std::size_t>(visit.wrong.kind), live_numbers::most_problem_kinds - 1)),
            1);
    add(numbers_->bytes, visit.facts.bytes);
    const auto took = static_cast<std::uint64_t>(std::max<std::int64_t>(visit.facts.took.count(), 0));
    const auto& bounds = live_numbers::latency_bounds;
    const auto place = std::lower_bound(bounds.begin(), bounds.end(), took) - bounds.begin();
    add(numbers_->latencies.at(static_cast<std::size_t>(place)), 1);
    add(numbers_->latency_sum, took);
}

bool is_running(std::uint64_t process)
{
    return process != 0 && (::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM);
}

} // namespace rssmania
