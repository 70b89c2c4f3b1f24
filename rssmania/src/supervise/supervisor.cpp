#include "supervise/supervisor.hpp"

#include "text/printable.hpp"
#include "text/translate.hpp"

#include <algorithm>
#include <exception>

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
        const bool again = run_once(which, errors);
        if (!again)
            break;
        if (clock::now() - began >= how_.good_health) {
            next_pause = how_.first_pause;
            errors = 0;
        }
        if (!pause(next_pause))
            break;
        next_pause = std::min(next_pause * 2, how_.longest_pause);
    }
    const std::scoped_lock lock(mutex_);
    which.ended = true;
    changed_.notify_all();
}

// Runs the stage until it ends. Returns whether it is to be started again.
bool supervisor::run_once(stage& which, int& errors)
{
    ruche::process running;
    try {
        running = which.start();
    } catch (const ruche::start_failed& failed) {
        const std::scoped_lock one_at_a_time(telling_);
        report(tr_fill("the stage {} could not be started: {}", which.name, printable(failed.what())));
        return true;
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
            return false;
    }
    return take_death(which, status, errors);
}

void supervisor::report(const std::string& line)
{
    if (tell_.report)
        tell_.report(line);
}

bool supervisor::take_death(stage& which, const ruche::exit_status& status, int& errors)
{
    const std::scoped_lock one_at_a_time(telling_);
    if (status.success()) {
        if (tell_.finished)
            tell_.finished(which.name);
        return false;
    }
    const std::exception_ptr thrown = status.error();
    errors = thrown ? errors + 1 : 0;
    const std::string how = thrown ? words_for_error(thrown) : status.describe();
    if (errors >= how_.most_errors) {
        report(tr_fill("the stage {} ended again ({}) and is given up", which.name, how));
        if (tell_.given_up)
            tell_.given_up(which.name);
        return false;
    }
    report(tr_fill("the stage {} ended ({}) and is started again", which.name, how));
    return true;
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
