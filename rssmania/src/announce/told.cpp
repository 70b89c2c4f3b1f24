#include "announce/told.hpp"

#include <ruche/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace rssmania {
namespace {

constexpr std::size_t record_size = 21; // 20 digits hold any 64-bit number; then a line feed, for people who look

[[noreturn]] void fail(const char* doing, const std::filesystem::path& file)
{
    throw ruche::os_error(errno, fmt::format("{} {}", doing, file.string()));
}

event_id read_from(int file)
{
    std::array<char, record_size> record{};
    const ssize_t size = ::pread(file, record.data(), record.size(), 0);
    event_id last = 0;
    if (size > 0)
        std::from_chars(record.data(), record.data() + size, last);
    return last;
}

} // namespace

told_position::told_position(const std::filesystem::path& directory, const std::string& name) :
    name_(directory / name), file_(::open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
{
    if (!file_)
        fail("open", name_);
    last_ = read_from(file_.get());
}

void told_position::note(event_id event)
{
    const std::string record = fmt::format("{:020}\n", event);
    if (::pwrite(file_.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        fail("note what was told in", name_);
    last_ = event;
    settled_ = false;
}

void told_position::settle()
{
    if (!settled_ && ::fdatasync(file_.get()) != 0)
        fail("settle", name_);
    settled_ = true;
}

event_id told_position::read(const std::filesystem::path& directory, const std::string& name)
{
    const ruche::fd file(::open((directory / name).c_str(), O_RDONLY | O_CLOEXEC));
    return file ? read_from(file.get()) : 0;
}

event_id told_position::read_least(const std::filesystem::path& directory)
{
    const event_id told = read(directory);
    std::error_code unreadable;
    return std::filesystem::exists(directory / hooked_file, unreadable) ? std::min(told, read(directory, hooked_file))
                                                                        : told;
}

} // namespace rssmania
