#include "inspect/deadlocks.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace ruche::inspect {

namespace {

/// A thread that sleeps until something is let go: which thread of which process, and what it waits for.
struct sleeper {
    int process = 0;
    int thread = 0;
    const object* what = nullptr; ///< null: the end of `for_process`
    int for_process = 0;
};

bool can_be_held(const object& what)
{
    return what.kind == "mutex" || what.kind == "shared mutex" || what.kind == "semaphore";
}

/// Everybody is suspected at first. Whoever can still be let go on by somebody who isn't stuck is struck off, and then
/// whoever waits for those, until nobody is left to strike off: who remains can't go on.
class suspects {
public:
    explicit suspects(const program& seen)
    {
        for (const process& one : seen.processes)
            threads_[one.id] = one.threads;
        for (const object& what : seen.objects)
            if (can_be_held(what) && !what.holders.empty())
                for (const waiting& who : what.waiters)
                    stuck_.push_back({who.process, who.thread, &what, 0});
        for (const other_wait& wait : seen.other_waits)
            if (wait.for_process != 0)
                stuck_.push_back({wait.who.process, wait.who.thread, nullptr, wait.for_process});
    }

    [[nodiscard]] const std::vector<sleeper>& find()
    {
        while (std::erase_if(stuck_, [this](const sleeper& one) { return !blocks(one); }) != 0)
            ;
        return stuck_;
    }

    /// Those who keep this one from going on.
    [[nodiscard]] std::vector<int> keepers(const sleeper& one) const
    {
        std::vector<int> all;
        if (!one.what)
            return {one.for_process};
        for (const holding& by : one.what->holders)
            all.push_back(by.process);
        return all;
    }

private:
    [[nodiscard]] bool is_stuck(int process, int thread) const
    {
        const auto is = [&](const sleeper& one) {
            return one.process == process && (thread == 0 || one.thread == thread);
        };
        const auto count = static_cast<unsigned>(std::count_if(stuck_.begin(), stuck_.end(), is));
        const auto known = threads_.find(process);
        return thread != 0 ? count > 0 : known != threads_.end() && count >= known->second;
    }

    [[nodiscard]] bool blocks(const sleeper& one) const
    {
        if (!one.what)
            return is_stuck(one.for_process, 0);
        const auto held = [&](const holding& by) { return is_stuck(by.process, by.thread); };
        const auto& holders = one.what->holders;
        if (one.what->kind == "semaphore") // any holder can let one in
            return std::all_of(holders.begin(), holders.end(), held);
        return std::any_of(holders.begin(), holders.end(), held);
    }

    std::map<int, unsigned> threads_;
    std::vector<sleeper> stuck_;
};

} // namespace

std::vector<deadlock> find_deadlocks(const program& seen)
{
    suspects all(seen);
    // Those who keep one another, or the same one, from going on belong together.
    std::vector<std::pair<std::set<int>, deadlock>> groups;
    for (const sleeper& one : all.find()) {
        const auto keepers = all.keepers(one);
        std::set<int> members(keepers.begin(), keepers.end());
        members.insert(one.process);
        deadlock merged;
        std::erase_if(groups, [&](auto& group) {
            const auto& [others, found] = group;
            if (std::none_of(others.begin(), others.end(), [&](int other) { return members.contains(other); }))
                return false;
            members.insert(others.begin(), others.end());
            merged.steps.insert(merged.steps.end(), found.steps.begin(), found.steps.end());
            return true;
        });
        merged.steps.push_back({one.process, one.thread, one.what ? one.what->id : 0, keepers});
        groups.emplace_back(std::move(members), std::move(merged));
    }
    std::vector<deadlock> found;
    for (auto& [members, one] : groups)
        found.push_back(std::move(one));
    return found;
}

} // namespace ruche::inspect
