#pragma once

#include "child.hpp"
#include "os/limits.hpp"

#include <ruche/deadline.hpp>
#include <ruche/fd.hpp>
#include <ruche/sandbox.hpp>

#include <optional>
#include <vector>

/// Processes that the fork server has forked before anybody asked for them. A start then hands its request to one that
/// waits, and pays neither the fork nor, for a sandbox, the walls.
///
/// Nothing of the program is in a spare: all that a process inherits is in the request, and is put in force when that
/// has come. A spare is nobody's child but the server's, and dies with it.
namespace ruche {

/// A spare that got a request.
struct handed_over {
    int id = 0;
    fd process; ///< its pidfd
    fd line;    ///< where the request went; to be closed once it has ended, see `hand_over`
};

/// In the server: which spares there are, and of which there should be one. Who starts one process of a kind seldom
/// starts another, who starts two does: so the first start makes no spare, the second one within `usual_pause` does,
/// and each use. What has not been used for so long is let go.
class spare_children {
public:
    static constexpr auto usual_pause = std::chrono::seconds(10);

    /// `usual` are the limits of the server, and so of spares.
    explicit spare_children(const os::resource_limits& usual) : usual_limits_(usual) {}

    /// Hands `request` to a spare that suits it. Nothing if there is none, or if it has died.
    ///
    /// The line is not closed at once: while a socket is under way inside another (the lifeline is), each close of a
    /// local socket has the kernel look for sockets that nobody can reach any more, in a thread of its own.
    [[nodiscard]] std::optional<handed_over> hand_over(incoming_request& request, int starter);

    /// Notes that such a process was asked for.
    void note_start(const start_request& words);

    /// Whether there should be a spare more than there is.
    [[nodiscard]] bool is_one_wanted() const noexcept;

    /// Until the next start.
    void want_none() noexcept;

    /// Forks the one that is wanted. In the child, it waits for its request and runs it. Throws: `os_error`.
    void make(const family_facts& family, const os::held_signals& signals);

    /// Ends those that have not been used for long.
    void let_go();
    /// When there will be something to let go.
    [[nodiscard]] deadline next_to_go() const noexcept;

    /// Whether this process is a spare.
    [[nodiscard]] bool contains(int id) const noexcept;
    /// Forgets a spare that has died.
    void forget(int id) noexcept;

private:
    struct spare {
        int id = 0;
        fd process;
        fd line; ///< where its request goes
    };

    /// What a spare is for: any process, or those in one sandbox.
    struct kind {
        std::optional<sandbox::profile> profile;
        deadline unused; ///< from when on it counts as unused
        bool wanted = false;
        std::optional<spare> ready;
    };
    static constexpr std::size_t most_kinds = 4;

    [[nodiscard]] kind* find(const std::optional<sandbox::profile>& profile) noexcept;
    [[nodiscard]] kind* suitable(const start_request& words);

    os::resource_limits usual_limits_;
    std::vector<kind> kinds_; ///< the one used longest ago first
};

} // namespace ruche
