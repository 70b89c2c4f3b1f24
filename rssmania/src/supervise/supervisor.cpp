#include "supervise/supervisor.hpp"

#include "text/printable.hpp"
#include "text/translate.hpp"

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

std::string words_for(const ruche::exit_status& status)
{
    const std::exception_ptr thrown = status.error();
    return thrown ? words_for_error(thrown) : status.describe();
}

ruche::supervisor_options terms(const supervision& how)
{
    ruche::supervisor_options options;
    options.max_restarts = ruche::unlimited; // who is killed from outside is not to blame
    options.max_errors = how.most_errors - 1;
    options.pauses = {.first = how.first_pause,
                      .second = how.first_pause * 2,
                      .factor = 2,
                      .longest = how.longest_pause,
                      .jitter = 0.1,
                      .healthy_after = how.good_health};
    options.stop_within = how.grace + how.last_grace;
    return options;
}

} // namespace

void report_on_standard_error(const std::string& line) { std::cerr << "rssmania: " + line + '\n'; }

supervisor::supervisor(callbacks tell, const supervision& how) :
    tell_(std::move(tell)), how_(how), stages_([&] {
        ruche::supervisor_options options = terms(how);
        options.on_event = [this](const ruche::supervisor_event& event) { heed(event); };
        return options;
    }())
{}

ruche::child_options supervisor::options_for(const std::string& name) const
{
    ruche::child_options options{.name = name};
    options.restart = ruche::restart_policy::transient;
    options.last_grace = how_.last_grace;
    options.process.grace = how_.grace;
    return options;
}

void supervisor::report(const std::string& line) const
{
    if (tell_.report)
        tell_.report(line);
}

// The complaint comes when the stage is back: whoever ends all our processes at once, as systemd does, hears none.
void supervisor::heed(const ruche::supervisor_event& event)
{
    using kind = ruche::supervisor_event::kind;
    switch (event.what) {
    case kind::ended:
        last_ends_[event.child] = words_for(*event.status);
        break;
    case kind::start_refused:
        last_ends_[event.child] = printable(event.why);
        break;
    case kind::restarted:
        report(tr_fill("the stage {} ended ({}) and is started again", event.child, last_ends_[event.child]));
        break;
    case kind::given_up:
        report(tr_fill("the stage {} ended again ({}) and is given up", event.child, last_ends_[event.child]));
        if (tell_.given_up)
            tell_.given_up(event.child);
        break;
    case kind::finished:
        if (tell_.finished)
            tell_.finished(event.child);
        break;
    case kind::started:
    case kind::waiting:
    case kind::stuck:
    case kind::stopped:
        break;
    }
}

} // namespace rssmania
