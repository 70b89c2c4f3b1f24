#include "supervise/supervisor.hpp"

#include "text/printable.hpp"
#include "text/translate.hpp"

#include <algorithm>
#include <exception>
#include <iostream>

namespace rssmania {
namespace {

std::string words_for_error(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        return printable(error.what());
    } catch (...) {
        return tr("an unknown error");
    }
}

} // namespace

void report_on_standard_error(const std::string& line) { std::cerr << "rssmania: " + line + '\n'; }

supervisor::supervisor(callbacks tell, const supervision& how) : tell_(std::move(tell)), how_(how) {}

supervisor::~supervisor() { stop(); }

void supervisor::keep(const std::string& name, start_function start)
{
    stage& added = stages_.emplace_back();
    added.name = name;
    added.start = std::move(start);
    added.thread = std::thread([this, &added] { watch_over(added); });
}

void supervisor::watch_over(stage& which)
{
    int errors = 0;
    auto next_pause = how_.first_pause;
    for (;;) {
        const auto began = clock::now();
        const std::optional<failure> why = run_once(which);
        if (!why)
            break;
        if (clock::now() - began >= how_.good_health) {
            next_pause = how_.first_pause;
            errors = 0;
        }
        // The pause comes before the complaint: whoever ends all our processes at once, as systemd does, hears none.
        if (!pause(next_pause))
            break;
        next_pause = std::min(next_pause * 2, how_.longest_pause);
        errors = why->own_error ? errors + 1 : 0;
        if (!complain(which, *why, errors))
            break;
    }
    const std::scoped_lock lock(mutex_);
    which.ended = true;
    changed_.notify_all();
}

// Runs the stage until it ends. Returns why it failed, nothing if it has finished or is to stop.
std::optional<supervisor::failure> supervisor::run_once(stage& which)
{
    ruche::process running;
    try {
        running = which.start();
    } catch (const ruche::start_failed& failed) {
        return failure{printable(failed.what()), false};
    }
    {
        const std::scoped_lock lock(mutex_);
        which.running = &running;
        if (stopping_)
            running.request_stop();
    }
    const ruche::exit_status status = running.join();
    {
        const std::scoped_lock lock(mutex_);
        which.running = nullptr;
        if (stopping_)
            return std::nullopt;
    }
    if (const std::exception_ptr thrown = status.error())
        return failure{words_for_error(thrown), true};
    if (!status.success())
        return failure{status.describe(), false};
    const std::scoped_lock one_at_a_time(telling_);
    if (tell_.finished)
        tell_.finished(which.name);
    return std::nullopt;
}

void supervisor::report(const std::string& line)
{
    if (tell_.report)
        tell_.report(line);
}

// Returns whether the stage is to be started again.
bool supervisor::complain(const stage& which, const failure& why, int errors)
{
    const std::scoped_lock one_at_a_time(telling_);
    if (errors < how_.most_errors) {
        report(tr_fill("the stage {} ended ({}) and is started again", which.name, why.words));
        return true;
    }
    report(tr_fill("the stage {} ended again ({}) and is given up", which.name, why.words));
    if (tell_.given_up)
        tell_.given_up(which.name);
    return false;
}

// Returns whether it lasted as long as it should.
bool supervisor::pause(std::chrono::milliseconds time)
{
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

void supervisor::for_running(const std::function<void(ruche::process&)>& action)
{
    const std::scoped_lock lock(mutex_);
    for (stage& each : stages_) {
        if (each.running)
            action(*each.running);
    }
}

bool supervisor::wait_for_all(clock::time_point end)
{
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, end, [this] {
        return std::all_of(stages_.begin(), stages_.end(), [](const stage& each) { return each.ended; });
    });
}

void supervisor::stop()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    const auto asked = clock::now();
    for_running([](ruche::process& running) { running.request_stop(); });
    if (!wait_for_all(asked + how_.grace)) {
        for_running([](ruche::process& running) { running.terminate(); });
        if (!wait_for_all(asked + how_.grace + how_.last_grace))
            for_running([](ruche::process& running) { running.kill(); });
    }
    for (stage& each : stages_) {
        if (each.thread.joinable())
            each.thread.join();
    }
    stages_.clear();
}

} // namespace rssmania
