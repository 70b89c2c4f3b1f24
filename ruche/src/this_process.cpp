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
} // namespace

const self_facts* self() noexcept { return facts_of_this_process.load(std::memory_order_acquire); }

void become(self_facts facts)
{
    os::leave_stop_signals(); // of the program that it may be a copy of
    facts_of_this_process.store(new self_facts(std::move(facts)));
}

namespace this_process {

int id() noexcept { return os::current_process_id(); }

std::string name() { return self() ? self()->name : "main"; }

int parent() noexcept { return self() ? self()->starter : 0; }

unsigned cpu_count() { return os::processors_granted(); }

stop_token get_stop_token() { return self() ? self()->stop().get_token() : stop_token(); }

} // namespace this_process

} // namespace ruche
