#pragma once

#include "os/shared_mapping.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

namespace ruche::detail {

/// Which shared memory this process has mapped, as which object, so that what arrives a second time is the same object
/// and is mapped once.
template <class Object>
class memory_registry {
public:
    /// The object for this memory: the one that is there, or what `make` makes.
    template <class Make>
    std::shared_ptr<Object> get(const os::memory_identity& which, Make make)
    {
        const std::lock_guard lock(mutex_);
        sweep();
        auto& known = objects_[which];
        auto object = known.lock();
        if (!object) {
            object = make();
            known = object;
        }
        return object;
    }

private:
    // Numbers of memory files are used again, but not while somebody has them mapped. What has expired goes once in a
    // while, so that a program that makes queues all its life does not grow.
    void sweep()
    {
        if (objects_.size() < next_sweep_)
            return;
        std::erase_if(objects_, [](const auto& known) { return known.second.expired(); });
        next_sweep_ = std::max<std::size_t>(64, 2 * objects_.size());
    }

    std::mutex mutex_;
    std::map<os::memory_identity, std::weak_ptr<Object>> objects_; // guarded by mutex_
    std::size_t next_sweep_ = 64;                                  // guarded by mutex_
};

} // namespace ruche::detail
