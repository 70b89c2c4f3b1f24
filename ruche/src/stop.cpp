#include <ruche/stop.hpp>

#include "last_word.hpp"
#include "os/futex.hpp"
#include "os/news.hpp"
#include "os/signals.hpp"
#include "os/stop_signals.hpp"
#include "self.hpp"
#include "service.hpp"
#include "stop_words.hpp"

#include <ruche/this_process.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace ruche {

stop_source::stop_source() : word_(detail::make_stop_word()) {}

bool stop_source::request_stop() noexcept
{
    if (!word_ || word_->exchange(1, std::memory_order_acq_rel) != 0)
        return false;
    os::futex_wake_all(*word_);
    os::tell_news();
    return true;
}

stop_token stop_on_signals()
{
    if (self())
        return this_process::get_stop_token();
    // The handler needs a word that never goes away, and the program has one set of handlers.
    static stop_source source = [] {
        static std::atomic<std::uint32_t> word{0};
        os::handle_stop_signals(word);
        service::nudge();
        return stop_source({std::shared_ptr<void>(), &word});
    }();
    return source.get_token();
}

std::optional<int> stop_signal() noexcept
{
    const int signal = os::first_stop_signal();
    return signal == 0 ? std::nullopt : std::optional(signal);
}

int exit_code(int otherwise) noexcept
{
    const auto signal = stop_signal();
    return signal ? 128 + *signal : otherwise;
}

void end_as_signalled(int otherwise)
{
    const auto signal = stop_signal();
    if (!signal)
        std::exit(otherwise);
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
    os::end_by_signal(*signal);
}

bool may_say_a_last_word() noexcept
{
    static std::atomic<bool> said{false};
    return !stop_signal() || !said.exchange(true, std::memory_order_relaxed); // a flag alone: it orders nothing
}

} // namespace ruche
