#include "os/shared_page.hpp"

#include "os/os_error.hpp"
#include "os/shared_mapping.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ruche::os {

namespace {

// From here on what is plainly more than the machine has is refused before the kernel ends processes to find room.
constexpr std::size_t worth_asking = std::size_t{1} << 22;

fd create(const char* label)
{
    return own(::memfd_create(label, MFD_CLOEXEC | MFD_ALLOW_SEALING), "create shared memory");
}

} // namespace

fd make_memory_file(const char* label, std::size_t bytes)
{
    fd file = create(label);
    // posix_fallocate returns its error; it also sets the size.
    if (const int error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(bytes)))
        throw_error(error, std::string("reserve ") + std::to_string(bytes) + " bytes of shared memory for " + label);
    return file;
}

fd make_memory_file(const char* label, std::span<const std::byte> content)
{
    fd file = create(label);
    write_memory_file(file, 0, content);
    return file;
}

void write_memory_file(const fd& file, std::size_t offset, std::span<const std::byte> content)
{
    if (content.size() >= worth_asking && !is_available(content.size()))
        throw_error(ENOMEM, "write " + std::to_string(content.size()) + " bytes of shared memory");
    std::size_t written = 0;
    while (written < content.size()) {
        const auto rest = content.subspan(written);
        const ssize_t count = check(
            retry([&] { return ::pwrite(file.get(), rest.data(), rest.size(), static_cast<off_t>(offset + written)); }),
            "write ", content.size(), " bytes of shared memory");
        written += static_cast<std::size_t>(count);
    }
}

std::size_t file_size(const fd& file)
{
    struct stat facts {};
    check(::fstat(file.get(), &facts), "ask for the size of shared memory");
    return static_cast<std::size_t>(facts.st_size);
}

memory_view::memory_view(const fd& file)
{
    const std::size_t size = file_size(file);
    if (size == 0)
        return;
    // All pages at once: one by one costs more than to copy what is in them.
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file.get(), 0);
    if (start == MAP_FAILED)
        throw_errno("map " + std::to_string(size) + " bytes of shared memory");
    start_ = {static_cast<const std::byte*>(start), [start, size](const std::byte*) { ::munmap(start, size); }};
    size_ = size;
}

std::vector<std::byte> read_memory_file(const fd& file)
{
    std::vector<std::byte> content(file_size(file));
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t count = check(retry([&] {
                                        return ::pread(file.get(), content.data() + done, content.size() - done,
                                                       static_cast<off_t>(done));
                                    }),
                                    "read ", content.size(), " bytes of shared memory");
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    content.resize(done);
    return content;
}

std::shared_ptr<void> map_page(const fd& file)
{
    void* start = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (start == MAP_FAILED)
        throw_errno("map a page of shared memory");
    return {start, [](void* page) { ::munmap(page, page_bytes); }};
}

} // namespace ruche::os
