#include <ruche/stop.hpp>

#include "os/futex.hpp"

namespace ruche {

stop_source::stop_source() : word_(std::make_shared<std::atomic<std::uint32_t>>(0)) {}

bool stop_source::request_stop() noexcept
{
    if (word_->exchange(1, std::memory_order_acq_rel) != 0)
        return false;
    os::futex_wake_all(*word_);
    return true;
}

} // namespace ruche
