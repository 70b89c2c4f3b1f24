#include "announce/teller.hpp"

#include <ruche/error.hpp>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace rssmania {
namespace {

// Whether the reader of `file` takes more, before a stop. A reader that has stopped reading must not keep us from
// ending; a stop can't wake poll(2), so it looks up now and then while it waits.
bool wait_until_writable(int file, const ruche::stop_token& stop)
{
    constexpr int look_up_every = 100; // milliseconds
    pollfd waiting{.fd = file, .events = POLLOUT, .revents = 0};
    while (::poll(&waiting, 1, look_up_every) <= 0) {
        if (stop.stop_requested())
            return false;
    }
    return true;
}

// Straight to the descriptor, a line in one write, so that whoever kills us between two finds no half line. Only what
// is longer than a pipe promises to take goes in pieces. Returns whether all was written before a stop.
bool write_all(int file, std::string_view text, const ruche::stop_token& stop)
{
    while (!text.empty()) {
        if (!wait_until_writable(file, stop))
            return false;
        const ssize_t written = ::write(file, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR && errno != EAGAIN)
            throw ruche::os_error(errno,
                                  file == STDOUT_FILENO ? "write to standard output" : "write to standard error");
    }
    return true;
}

} // namespace

void tell_news(ruche::queue<news> events, told_position& told, news_format format, const ruche::stop_token& stop)
{
    printer lines(format);
    for (;;) {
        auto event = events.try_pop();
        if (!event) {
            told.settle(); // nothing to do at the moment: time for the disk
            event = events.pop(stop);
        }
        if (!event || stop.stop_requested())
            return;
        if (event->id <= told.last())
            continue;
        const printed text = lines.print(*event);
        if (!write_all(STDOUT_FILENO, text.out, stop) || !write_all(STDERR_FILENO, text.err, stop))
            return;
        told.note(event->id);
    }
}

} // namespace rssmania
