#pragma once

#include "control_page.hpp"
#include "start_request.hpp"
#include "voice.hpp"

#include <ruche/exit_status.hpp>
#include <ruche/sandbox.hpp>

#include <exception>
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

/// The walls around the new process that makes them. They are built for ever, in two steps: `raise` needs to know the
/// profile alone and is what takes long, so a spare has it behind it when a request comes.
class sandbox_walls {
public:
    /// Opens what will be needed when nothing can be opened any more. `parent` is the fork server's process id.
    sandbox_walls(const sandbox::profile& profile, int parent);

    /// Namespaces, Landlock, capabilities; once. If a wall is missing that must not be, `close` says so.
    void raise();
    [[nodiscard]] bool raised() const noexcept { return raised_; }

    /// Limits and the list of calls, after `raise`: from here on the process can only compute, with what it has been
    /// sent. Returns what holds. Throws: `os_error`, if a wall is missing that must not be.
    [[nodiscard]] sandbox::report close(const request_descriptors& descriptors);

    /// A descriptor that must stay open between the two.
    [[nodiscard]] int kept() const noexcept { return memory_count_.get(); }

private:
    template <class Build>
    void build(sandbox::layer one, Build make);
    void raise_once();

    sandbox::profile profile_;
    int parent_;
    fd memory_count_;
    bool raised_ = false;
    std::exception_ptr refused_; ///< why `raise` failed
    sandbox::report walls_;
};

} // namespace ruche
