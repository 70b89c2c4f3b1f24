#include "os/stream.hpp"

#include "os/os_error.hpp"

#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace ruche::os {

namespace {

constexpr std::size_t pipe_bytes = 64 * 1024; // pipe(7): what a pipe holds unless told otherwise

int flags_of(file_use use)
{
    switch (use) {
    case file_use::read:
        return O_RDONLY;
    case file_use::write:
        return O_WRONLY | O_CREAT | O_TRUNC;
    case file_use::append:
        break;
    }
    return O_WRONLY | O_CREAT | O_APPEND;
}

} // namespace

fd open_file(const std::filesystem::path& path, file_use use)
{
    const std::string doing = "open " + path.string() + (use == file_use::read ? " to read it" : " to write to it");
    return own(static_cast<int>(retry([&] { return ::open(path.c_str(), flags_of(use) | O_CLOEXEC, 0666); })),
               doing.c_str());
}

pipe_ends make_pipe()
{
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "create a pipe");
    fd reading(ends[0]), writing(ends[1]); // owned before anything can throw
    return {own(reading.release(), "create a pipe"), own(writing.release(), "create a pipe")};
}

std::string read_to_end(const fd& from)
{
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t count = check(retry([&] { return ::read(from.get(), piece.data(), piece.size()); }),
                                    "read from descriptor ", from.get());
        if (count == 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

std::string last_unread(const fd& pipe, std::size_t most)
{
    // tee(2) copies from pipe to pipe and takes nothing away.
    const pipe_ends copy = make_pipe();
    const ssize_t count = retry([&] { return ::tee(pipe.get(), copy.writing.get(), pipe_bytes, SPLICE_F_NONBLOCK); });
    if (count <= 0)
        return {};
    std::string text(static_cast<std::size_t>(count), '\0');
    const ssize_t got = check(retry([&] { return ::read(copy.reading.get(), text.data(), text.size()); }),
                              "read the copy of what waits in a pipe");
    text.resize(static_cast<std::size_t>(got));
    return text.size() > most ? text.substr(text.size() - most) : text;
}

} // namespace ruche::os
