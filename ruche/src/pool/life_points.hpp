#pragma once

#include <cstdint>

namespace ruche::pooling {

/// The moments in a worker's life between which its death could make a difference, in their order.
enum class life_point : std::uint32_t {
    begins,      ///< nothing has been done
    is_set_up,   ///< nobody knows yet
    is_ready,    ///< and the pool can know
    has_request, ///< of a task: read, not looked at
    has_begun,   ///< and says so
    calls,       ///< it is sure that the task is still wanted
    has_called,  ///< the result is nowhere but here
    has_told,    ///< the result is written, or is to be with others
    has_flushed, ///< all that was told is in the pool's hands
    leaves,      ///< it was asked to, or the pool is gone
    has_left,    ///< torn down
};

/// A program that tests pools defines this, and can end a worker at each of its moments; nobody else does, and then
/// nothing is called.
[[gnu::weak, gnu::visibility("default")]] void reaches(life_point point);

inline void reach(life_point point)
{
    if (&reaches != nullptr)
        reaches(point);
}

} // namespace ruche::pooling
