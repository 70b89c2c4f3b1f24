#pragma once

#include <ruche/inspect.hpp>

#include <chrono>
#include <map>
#include <optional>

/// How fast queues are used, found by looking twice.
class rates {
public:
    struct speed {
        double pushed = 0; ///< a second
        double popped = 0;
    };

    /// Takes note of what was seen now. What was seen before is what speeds are measured from.
    void note(const std::vector<ruche::inspect::program>& programs);

    /// Of a queue, between the last two looks; nothing if it was seen once only.
    [[nodiscard]] std::optional<speed> of(const ruche::inspect::object& queue) const;

private:
    struct counts {
        std::uint64_t pushed = 0, popped = 0;
    };
    struct look {
        std::chrono::steady_clock::time_point at;
        std::map<std::uint64_t, counts> queues;
    };
    look before_, now_;
};
