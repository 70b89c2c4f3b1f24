#include "parse/processor_limit.hpp"

#include <sys/time.h>

namespace rssmania {
namespace {

void set_timer(std::chrono::seconds time)
{
    const itimerval timer{.it_interval = {}, .it_value = {.tv_sec = time.count(), .tv_usec = 0}};
    ::setitimer(ITIMER_PROF, &timer, nullptr); // fails for bad pointers and absurd times only
}

} // namespace

processor_limit::processor_limit(std::chrono::seconds time) { set_timer(time); }
processor_limit::~processor_limit() { set_timer(std::chrono::seconds(0)); }

} // namespace rssmania
