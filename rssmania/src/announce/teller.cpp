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

match_subject subject_of(const news& event)
{
    return {.title = event.what.title,
            .author = event.what.author,
            .link = event.what.link,
            .id = event.what.id,
            .content = event.what.content,
            .feed = event.feed_title,
            .url = event.feed_url,
            .folder = event.feed_folder,
            .tags = event.tags,
            .unread = !event.read,
            .starred = event.starred};
}

void tell_news(ruche::queue<news> events, told_position& told, const telling& how, const ruche::stop_token& stop)
{
    constexpr std::chrono::seconds sign_of_life{1};
    printer lines(how.look);
    for (;;) {
        if (how.alive)
            how.alive();
        const bool closed = events.is_closed(); // asked first: what was pushed before is still to come
        auto event = events.try_pop();
        if (!event && closed)
            return;
        if (!event) {
            told.settle(); // nothing to do at the moment: time for the disk
            event = events.pop_for(sign_of_life, stop);
        }
        if (stop.stop_requested())
            return;
        if (!event || event->id <= told.last())
            continue;
        const bool is_article = event->kind == news_kind::article || event->kind == news_kind::updated;
        if (is_article && how.complete)
            how.complete(*event);
        if (!is_article || how.match(subject_of(*event))) {
            const printed text = lines.print(*event);
            if (how.before)
                how.before();
            if (!write_all(STDOUT_FILENO, text.out, stop) || !write_all(STDERR_FILENO, text.err, stop))
                return;
        }
        told.note(event->id);
        if (how.told)
            how.told(*event);
    }
}

} // namespace rssmania
