#include <ruche/progress.hpp>

#include "os/poll.hpp"
#include "os/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ruche {

namespace {

using namespace std::chrono_literals;

std::string seconds(std::chrono::nanoseconds of)
{
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(of).count();
    if (whole < 60)
        return std::to_string(whole) + " s";
    if (whole < 3600)
        return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
    return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

std::string rate(double per_second)
{
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), per_second < 100 ? "%.1f/s" : "%.0f/s", per_second);
    return text.data();
}

} // namespace

std::optional<std::chrono::nanoseconds> progress::left() const
{
    if (!total || per_second <= 0)
        return std::nullopt;
    const double seconds_left = static_cast<double>(*total - std::min(done, *total)) / per_second;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds_left));
}

progress progress_meter::count()
{
    progress now{++done_, total_, std::chrono::steady_clock::now() - start_};
    const double elapsed = std::chrono::duration<double>(now.elapsed).count();
    now.per_second = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0;
    return now;
}

std::string to_text(const progress& of, std::size_t width)
{
    std::string facts = std::to_string(of.done);
    if (of.total)
        facts += "/" + std::to_string(*of.total);
    facts += ", " + rate(of.per_second) + ", ";
    const auto left = of.left();
    facts += left && of.done < *of.total ? seconds(*left) + " left" : seconds(of.elapsed);
    if (!of.total || *of.total == 0)
        return facts;
    const std::size_t percent = std::min<std::size_t>(100, of.done * 100 / *of.total);
    std::string head = std::to_string(percent);
    head = std::string(4 - std::min<std::size_t>(head.size(), 4), ' ') + head + " % ";
    const std::size_t around = head.size() + facts.size() + 3;
    if (width < around + 10)
        return head + facts;
    const std::size_t room = std::min<std::size_t>(width - around, 40);
    const std::size_t full = room * percent / 100;
    return head + "[" + std::string(full, '#') + std::string(room - full, '-') + "] " + facts;
}

struct progress_bar::state {
    std::string title;
    std::chrono::nanoseconds shown{-1s};
};

progress_bar::progress_bar(std::string title) : state_(std::make_shared<state>())
{
    state_->title = title.empty() ? "" : std::move(title) + " ";
}

void progress_bar::operator()(const progress& now) const
{
    const bool last = now.total && now.done >= *now.total;
    const std::size_t width = os::terminal_width(2);
    if (!last && (width == 0 || now.elapsed - state_->shown < 100ms))
        return;
    state_->shown = now.elapsed;
    const std::size_t room = width == 0 ? 79 : width - 1;
    const std::string text = state_->title + to_text(now, room - std::min(room, state_->title.size()));
    os::say((width == 0 ? "" : "\r\x1b[K") + text + (last ? "\n" : ""));
}

} // namespace ruche
