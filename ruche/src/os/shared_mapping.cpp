#include "os/shared_mapping.hpp"

#include "os/os_error.hpp"

#include <charconv>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ruche::os {

namespace {

struct stat status_of(const fd& memory)
{
    struct stat status {};
    check(::fstat(memory.get(), &status), "look at the memory behind descriptor ", memory.get());
    return status;
}

} // namespace

fd make_memory(const char* label, std::size_t size)
{
    fd memory(check(::memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING), "create shared memory for a ", label));
    check(retry([&] { return ::ftruncate(memory.get(), static_cast<off_t>(size)); }), "size the memory of a ", label,
          " (", size, " bytes)");
    check(::fcntl(memory.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL), "seal the memory of a ",
          label);
    return memory;
}

bool is_available(std::size_t size) noexcept
{
    const fd file(::open("/proc/meminfo", O_RDONLY | O_CLOEXEC));
    char text[4096];
    const ssize_t length = file ? ::read(file.get(), text, sizeof text) : -1;
    if (length <= 0)
        return true; // nobody to ask but the kernel itself
    const std::string_view all(text, static_cast<std::size_t>(length));
    constexpr std::string_view name = "MemAvailable:";
    const auto at = all.find(name);
    const auto digits = at == std::string_view::npos ? at : all.find_first_of("0123456789", at + name.size());
    std::size_t kilobytes = 0;
    if (digits == std::string_view::npos ||
        std::from_chars(all.data() + digits, all.data() + all.size(), kilobytes).ec != std::errc())
        return true;
    return size / 1024 < kilobytes;
}

void reserve(const fd& memory, std::size_t offset, std::size_t size)
{
    constexpr std::size_t worth_asking = std::size_t{1} << 22;
    if (size >= worth_asking && !is_available(size))
        throw_error(ENOMEM, "reserve " + std::to_string(size) + " bytes of shared memory");
    check(retry([&] { return ::fallocate(memory.get(), 0, static_cast<off_t>(offset), static_cast<off_t>(size)); }),
          "reserve ", size, " bytes of shared memory");
}

void release(const fd& memory, std::size_t offset, std::size_t size) noexcept
{
    // The only failure left for a valid descriptor is that the pages stay; the next release tries again.
    retry([&]() noexcept {
        return ::fallocate(memory.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                           static_cast<off_t>(size));
    });
}

memory_identity identity(const fd& memory)
{
    const struct stat status = status_of(memory);
    return {status.st_dev, status.st_ino};
}

std::size_t sealed_size(const fd& memory)
{
    const int seals = check(::fcntl(memory.get(), F_GET_SEALS), "read the seals of descriptor ", memory.get());
    if ((seals & F_SEAL_SHRINK) == 0)
        throw_error(EPERM, "use shared memory that could shrink under its users");
    return static_cast<std::size_t>(status_of(memory).st_size);
}

fd reopen_to_read(const fd& memory)
{
    const std::string path = "/proc/self/fd/" + std::to_string(memory.get());
    return fd(check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open shared memory again, to be read only"));
}

std::size_t page_size() noexcept
{
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

shared_mapping::shared_mapping(const fd& memory, std::initializer_list<view> views, access how)
{
    for (const view& part : views)
        size_ += part.size;
    // One reservation of addresses first: the views then replace it piece by piece, and one munmap ends it all.
    void* const place = ::mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED)
        throw_errno("reserve " + std::to_string(size_) + " bytes of addresses");
    begin_ = static_cast<std::byte*>(place);
    std::byte* next = begin_;
    for (const view& part : views) {
        void* const at = ::mmap(next, part.size, PROT_READ | (how == access::write ? PROT_WRITE : 0),
                                MAP_SHARED | MAP_FIXED, memory.get(), static_cast<off_t>(part.offset));
        if (at == MAP_FAILED) {
            const int error_number = errno;
            ::munmap(begin_, size_);
            throw_error(error_number, "map " + std::to_string(part.size) + " bytes of shared memory");
        }
        next += part.size;
    }
}

shared_mapping::~shared_mapping()
{
    if (begin_)
        ::munmap(begin_, size_);
}

} // namespace ruche::os
