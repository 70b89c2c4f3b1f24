#pragma once

#include "control_page.hpp"
#include "start_request.hpp"
#include "voice.hpp"

#include <ruche/exit_status.hpp>
#include <ruche/sandbox.hpp>

#include <optional>

namespace ruche {

/// What the starter keeps of a process in a sandbox.
struct sandboxed {
    sandbox::profile profile;
    voice_ends ends;
    deadline::clock::time_point started;
    sandbox::report walls;
};

/// The starter's half, and in `theirs` what travels. Throws: `os_error`.
[[nodiscard]] sandboxed make_sandbox(const sandbox::profile& profile, voice_ends& theirs);

/// How a process that its sandbox has killed ended, in words that say for what.
[[nodiscard]] exit_status explain(const exit_status& status, const sandboxed& box, const os::crash_record& crash);

/// In the new process: builds the walls around it, for ever. Throws: `os_error`, if one is missing that must not be.
[[nodiscard]] sandbox::report enter_sandbox(const sandbox::profile& profile, const request_descriptors& descriptors,
                                            int parent);

} // namespace ruche
