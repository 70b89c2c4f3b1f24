#include "store/store_lock.hpp"

#include <ruche/error.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace rssmania {

std::optional<store_lock> store_lock::try_take(const std::filesystem::path& directory)
{
    const auto name = directory / "lock";
    ruche::fd file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file)
        throw ruche::os_error(errno, "open " + name.string());
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
        return store_lock(std::move(file));
    if (errno != EWOULDBLOCK)
        throw ruche::os_error(errno, "lock " + name.string());
    return std::nullopt;
}

} // namespace rssmania
