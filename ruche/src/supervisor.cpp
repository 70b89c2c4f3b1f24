#include <ruche/supervisor.hpp>

#include "supervisor/core.hpp"

#include <ruche/exception.hpp>

namespace ruche {

namespace {
const throws<too_many_restarts> too_many_restarts_is_thrown; // by a branch of a tree, to the supervisor above it
}

supervisor::supervisor(supervisor_options options) :
    core_(std::make_shared<detail::supervisor_core>(std::move(options)))
{}

supervisor& supervisor::operator=(supervisor&& other) noexcept
{
    if (this != &other) {
        if (core_)
            core_->leave();
        core_ = std::move(other.core_);
    }
    return *this;
}

supervisor::~supervisor()
{
    if (core_)
        core_->leave();
}

detail::supervisor_core& supervisor::core() const
{
    if (!core_)
        throw std::logic_error("use of a supervisor that was moved from");
    return *core_;
}

void supervisor::add(child_options options, detail::launch&& call) { core().add(std::move(options), std::move(call)); }
void supervisor::remove(std::string_view name) { core().remove(name); }
void supervisor::restart(std::string_view name) { core().restart(name); }
std::size_t supervisor::restarts(std::string_view name) const { return core().restarts(name); }
std::vector<supervised_child> supervisor::children() const { return core().children(); }
void supervisor::stop() { core().stop(); }

void supervisor::wait()
{
    (void)core().wait({});
    core().complain();
}

bool supervisor::wait_for(std::chrono::nanoseconds patience)
{
    if (!core().wait({deadline(patience), nullptr}))
        return false;
    core().complain();
    return true;
}

void supervisor::run(const stop_token& stop)
{
    (void)core().wait({deadline::never(), &stop});
    core().stop();
    core().complain();
}

} // namespace ruche
