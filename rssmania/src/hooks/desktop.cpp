#include "hooks/desktop.hpp"

#include "net/url.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"
#include "text/utf8.hpp"

namespace rssmania {
namespace {

constexpr std::size_t lines_shown = 5;
constexpr std::size_t longest_line = 200;

// Notification servers read a little HTML in the body.
std::string without_markup(std::string_view text)
{
    std::string safe;
    for (const char c : text) {
        if (c == '&')
            safe += "&amp;";
        else if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else
            safe += c;
    }
    return safe;
}

std::string shown(const std::string& text) { return std::string(cut_utf8(printable(text), longest_line)); }

std::string line_of(const news& event)
{
    return without_markup(shown(event.what.title.empty() ? event.what.link : event.what.title));
}

} // namespace

std::vector<std::vector<std::string>> notifications(const std::vector<news>& events)
{
    std::vector<std::vector<std::string>> calls;
    for (std::size_t i = 0; i < events.size();) {
        std::size_t end = i;
        std::string body;
        for (; end < events.size() && events[end].group == events[i].group; ++end) {
            if (end - i < lines_shown)
                body += line_of(events[end]) + '\n';
        }
        if (end - i > lines_shown)
            body += tr_fill("and {} more", end - i - lines_shown);
        const std::string title = shown(events[i].feed_title);
        calls.push_back({"notify-send", "--app-name=rssmania", "--category=email.arrived", "--",
                         title.empty() ? shown(without_secrets(events[i].feed_url)) : title, body});
        i = end;
    }
    return calls;
}

} // namespace rssmania
