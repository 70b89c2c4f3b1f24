#include <ruche/stop.hpp>

#include "os/futex.hpp"
#include "os/signals.hpp"

namespace ruche {

stop_source::stop_source() : word_(std::make_shared<std::atomic<std::uint32_t>>(0)) {}

bool stop_source::request_stop() noexcept
{
    if (!word_ || word_->exchange(1, std::memory_order_acq_rel) != 0)
        return false;
    os::futex_wake_all(*word_);
    return true;
}

stop_token stop_on_signals()
{
    // The handler needs a word that never goes away, and the program has one set of handlers.
    static stop_source source = [] {
        static std::atomic<std::uint32_t> word{0};
        os::set_word_on_signals(word);
        return stop_source({std::shared_ptr<void>(), &word});
    }();
    return source.get_token();
}

std::optional<int> stop_signal() noexcept
{
    const int signal = os::first_signal();
    return signal == 0 ? std::nullopt : std::optional(signal);
}

} // namespace ruche
