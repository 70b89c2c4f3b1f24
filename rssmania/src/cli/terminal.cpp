#include "cli/terminal.hpp"

#include "text/translate.hpp"

#include <ruche/event.hpp>

#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace rssmania::cli {
namespace {

// What fits: lines below the last would scroll the first away.
std::string cut_to_terminal(const std::string& text)
{
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1;
    std::string fitting;
    unsigned lines = 0;
    for (std::size_t at = 0; at < text.size() && (!known || lines + 1 < size.ws_row); ++lines) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        fitting += text.substr(at, end - at) + "\x1b[K\n";
        at = end + 1;
    }
    return fitting;
}

} // namespace

bool is_terminal()
{
    const char* name = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) != 0 && name && std::string_view(name) != "dumb";
}

bool wants_colour()
{
    const char* none = std::getenv("NO_COLOR");
    return is_terminal() && !(none && *none);
}

void flush_output()
{
    if (!std::cout.flush())
        throw std::runtime_error(tr("can't write to standard output"));
}

void show_again_and_again(const std::function<std::string()>& draw, std::chrono::milliseconds pace, unsigned times,
                          const ruche::stop_token& stop)
{
    const bool in_place = is_terminal();
    const ruche::event never; // nobody sets it: a wait for it ends with the time, or a stop
    for (unsigned shown = 0; !stop.stop_requested(); ++shown) {
        if (times != 0 && shown == times)
            return;
        if (shown > 0 && (never.wait_for(pace, stop) || stop.stop_requested()))
            return;
        const std::string text = draw();
        if (in_place)
            std::cout << (shown == 0 ? "\x1b[2J" : "") << "\x1b[H" << cut_to_terminal(text) << "\x1b[J";
        else
            std::cout << text;
        flush_output();
    }
}

} // namespace rssmania::cli
