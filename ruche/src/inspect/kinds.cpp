#include "inspect/kinds.hpp"

#include <algorithm>
#include <array>

namespace ruche::inspect {

const kind* kind_of(std::string_view label) noexcept
{
    static constexpr std::array<kind, 11> kinds{{
        {"ruche-queue", "queue", "for it", nullptr},
        {"ruche-channel", "channel", "for it", nullptr},
        {"ruche-mutex", "mutex", "to lock", portrait_of_mutex},
        {"ruche-shared-mutex", "shared mutex", "to lock", portrait_of_shared_mutex},
        {"ruche-semaphore", "semaphore", "to acquire", portrait_of_semaphore},
        {"ruche-condition", "condition variable", "to be notified", nullptr},
        {"ruche-event", "event", "for the event", portrait_of_event},
        {"ruche-latch", "latch", "for the latch", portrait_of_latch},
        {"ruche-barrier", "barrier", "for the others", portrait_of_barrier},
        {"ruche-shared", "shared", "for it", nullptr},
        {"ruche-array", "shared array", "for it", nullptr},
    }};
    const std::string_view kind_label = label.substr(0, label.find(':'));
    const auto* const found =
        std::find_if(kinds.begin(), kinds.end(), [&](const kind& one) { return one.label == kind_label; });
    return found == kinds.end() ? nullptr : found;
}

} // namespace ruche::inspect
