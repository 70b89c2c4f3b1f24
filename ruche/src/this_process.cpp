#include <ruche/this_process.hpp>

#include "os/family.hpp"
#include "os/processors.hpp"
#include "os/stop_signals.hpp"
#include "self.hpp"

#include <atomic>
#include <utility>

namespace ruche {

namespace {
// There is one process of this kind: this one. Never freed, so that static destructors may still ask for their name.
std::atomic<const self_facts*> facts_of_this_process{nullptr};

thread_local heart* beating_here = nullptr; // that of the process, in the thread that runs its function
} // namespace

heart* heart_of_this_thread() noexcept { return beating_here; }
void set_heart_of_this_thread(heart* one) noexcept { beating_here = one; }

const self_facts* self() noexcept { return facts_of_this_process.load(std::memory_order_acquire); }

void become(self_facts facts)
{
    os::leave_stop_signals(); // of the program that it may be a copy of
    set_heart_of_this_thread(&facts.control->heart);
    facts_of_this_process.store(new self_facts(std::move(facts)));
}

namespace this_process {

int id() noexcept { return os::current_process_id(); }

std::string name() { return self() ? self()->name : "main"; }

int parent() noexcept { return self() ? self()->starter : 0; }

unsigned cpu_count() { return os::processors_granted(); }

void heartbeat() noexcept
{
    if (const self_facts* const known = self())
        known->control->heart.beat();
}

stop_token get_stop_token() { return self() ? self()->stop().get_token() : stop_token(); }

} // namespace this_process

} // namespace ruche
