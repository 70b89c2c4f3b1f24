#include "announce/teller.hpp"

#include <ruche/error.hpp>

#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace rssmania {
namespace {

// Straight to the descriptor: one event is one write, so that whoever kills us between two finds no half line.
void write_all(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written >= 0)
            text.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            throw ruche::os_error(errno,
                                  file == STDOUT_FILENO ? "write to standard output" : "write to standard error");
    }
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
        write_all(STDOUT_FILENO, text.out);
        write_all(STDERR_FILENO, text.err);
        told.note(event->id);
    }
}

} // namespace rssmania
