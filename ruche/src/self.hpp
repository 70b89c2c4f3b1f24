#pragma once

#include "control_page.hpp"

#include <ruche/stop.hpp>

#include <memory>
#include <string>

namespace ruche {

/// What this process knows of itself if ruche started it. There is one, set once before its function runs.
struct self_facts {
    std::string name;
    int starter = 0;
    std::shared_ptr<control_page> control;

    [[nodiscard]] stop_source stop() const { return stop_source({control, &control->stop}); }
};

/// Null in the main process.
[[nodiscard]] const self_facts* self() noexcept;
void become(self_facts facts);

} // namespace ruche
