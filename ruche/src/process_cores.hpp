#pragma once

#include "os/family.hpp"
#include "os/poll.hpp"
#include "process_core.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace ruche::detail {

/// All handles of this process that stand for one. There is one list, since there is one process.
class process_cores {
public:
    static process_cores& instance()
    {
        static process_cores* const list = new process_cores; // never destroyed: handles may be static objects
        return *list;
    }

    void add(const process_core& core)
    {
        const std::scoped_lock lock(mutex_);
        forget_those_of_our_parent();
        std::erase_if(detached_, [](const fd& process) {
            const bool ended = os::wait_readable(process.get(), deadline(std::chrono::nanoseconds(0)));
            if (ended)
                (void)os::reap(process);
            return ended;
        });
        cores_.push_back(&core);
    }

    /// Keeps other threads out while this one forks, or their lock would stay locked in the copy.
    [[nodiscard]] std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

    /// Keeps the pidfd of a forked process that nobody joins, to reap it some time after it has ended.
    void reap_later(fd process)
    {
        const std::scoped_lock lock(mutex_);
        detached_.push_back(std::move(process));
    }

    void remove(const process_core& core)
    {
        const std::scoped_lock lock(mutex_);
        std::erase(cores_, &core);
    }

    [[nodiscard]] std::vector<active_child> active()
    {
        const std::scoped_lock lock(mutex_);
        forget_those_of_our_parent();
        std::vector<active_child> children;
        for (const auto* core : cores_)
            if (core->started.load(std::memory_order_acquire) &&
                !os::wait_readable(core->process.get(), deadline(std::chrono::nanoseconds(0))))
                children.push_back({core->id, core->name});
        return children;
    }

private:
    // A process that was forked by hand has copies of handles, but started nobody.
    void forget_those_of_our_parent()
    {
        const int us = os::current_process_id();
        if (std::exchange(owner_, us) != us) {
            cores_.clear();
            detached_.clear();
        }
    }

    std::mutex mutex_;
    std::vector<const process_core*> cores_; ///< guarded by mutex_
    std::vector<fd> detached_;               ///< guarded by mutex_: our own children
    int owner_ = 0;                          ///< guarded by mutex_
};

} // namespace ruche::detail
