#pragma once

#include "fork_server.hpp"
#include "os/limits.hpp"
#include "os/signals.hpp"
#include "os/socket.hpp"
#include "sandboxed.hpp"
#include "start_request.hpp"
#include "voice.hpp"

#include <ruche/detail/task.hpp>

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace ruche {

/// A request as it arrived at the fork server: the words and the descriptors.
class incoming_request {
public:
    /// Takes what `message` holds. Throws nothing: a request that can't be read is not `valid`.
    explicit incoming_request(os::received_message& message);

    /// What arrived, to be passed on to another process as it is.
    struct raw_message {
        std::vector<std::byte> bytes;
        std::vector<int> descriptors; ///< still owned by the request
    };
    [[nodiscard]] const raw_message& raw() const noexcept { return raw_; }

    [[nodiscard]] bool valid() const noexcept { return valid_; }
    [[nodiscard]] int lifeline() const noexcept { return descriptors_.lifeline.get(); }
    [[nodiscard]] fd take_lifeline() noexcept { return std::move(descriptors_.lifeline); }
    [[nodiscard]] int errors() const noexcept { return descriptors_.streams[2].get(); }
    [[nodiscard]] fd take_errors() noexcept { return std::move(descriptors_.streams[2]); }
    [[nodiscard]] const std::string& name() const noexcept { return words_.name; }

    [[nodiscard]] start_request& words() noexcept { return words_; }
    [[nodiscard]] request_descriptors& descriptors() noexcept { return descriptors_; }
    [[nodiscard]] std::vector<std::byte>& arguments() noexcept { return arguments_; }

private:
    void sort_descriptors(std::vector<fd>&& received);

    start_request words_;
    request_descriptors descriptors_;
    std::vector<std::byte> arguments_;
    raw_message raw_;
    fd words_apart_; ///< the memory file that holds `words_`, if they were too many for a message
    bool valid_ = false;
};

/// What a new process gets from the fork server itself.
struct family_facts {
    int server = 0;               ///< its process id: the parent
    int starter = 0;              ///< who asked
    int requests = -1;            ///< the socket on which this process may ask in its turn
    std::vector<int> kept;        ///< descriptors that global constructors opened
    std::span<char> title;        ///< where the name is shown
    os::resource_limits limits{}; ///< as they are before the process changes them
};

/// Binds this process to processors, sets its niceness, and the limits that differ from `before`.
void apply_options(const start_request& words, const os::resource_limits& before);

/// Calls `task` and reports to `starter` what came of it. Returns the exit code.
[[nodiscard]] int run_and_report(const voice& starter, detail::task_context& context,
                                 const std::function<void(detail::task_context&)>& task);

/// In the new process: makes the surroundings what the starter's are, runs the function, reports, and exits as a
/// program does, static destructors included. `walls` are those of the request's sandbox, if it has one.
[[noreturn]] void run_child(incoming_request& request, const family_facts& family, const os::held_signals& signals,
                            std::optional<sandbox_walls> walls);

} // namespace ruche
