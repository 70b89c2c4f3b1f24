#include <ruche/deadline.hpp>

#include <algorithm>

namespace ruche {

deadline::deadline(std::chrono::nanoseconds patience) noexcept
{
    const auto now = clock::now();
    if (patience <= std::chrono::nanoseconds::zero())
        moment_ = now;
    else if (patience < clock::time_point::max() - now)
        moment_ = now + patience;
}

std::chrono::nanoseconds deadline::left() const noexcept
{
    if (is_never())
        return std::chrono::nanoseconds::max();
    return std::max(std::chrono::nanoseconds(moment_ - clock::now()), std::chrono::nanoseconds::zero());
}

} // namespace ruche
