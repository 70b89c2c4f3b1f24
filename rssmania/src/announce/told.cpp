#include "announce/told.hpp"

#include <ruche/error.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace rssmania {
namespace {

constexpr const char* file_name = "told";
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

told_position::told_position(const std::filesystem::path& directory) :
    file_(::open((directory / file_name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
{
    if (!file_)
        fail("open", directory / file_name);
    last_ = read_from(file_.get());
}

void told_position::note(event_id event)
{
    const std::string record = fmt::format("{:020}\n", event);
    if (::pwrite(file_.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        fail("note what was told in", file_name);
    last_ = event;
}

void told_position::settle()
{
    if (::fdatasync(file_.get()) != 0)
        fail("settle", file_name);
}

event_id told_position::read(const std::filesystem::path& directory)
{
    const ruche::fd file(::open((directory / file_name).c_str(), O_RDONLY | O_CLOEXEC));
    return file ? read_from(file.get()) : 0;
}

} // namespace rssmania
