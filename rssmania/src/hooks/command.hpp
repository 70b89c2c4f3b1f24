#pragma once

#include <ruche/stop.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// How a program of the user ended.
struct command_end {
    enum class kind {
        well,        ///< with exit code 0
        code,        ///< with another: `number`
        signal,      ///< killed by `number`
        too_slow,    ///< it took longer than it may, and was ended
        stopped,     ///< we were asked to stop, and ended it
        not_started, ///< `number` is the error's
    };
    kind what = kind::well;
    int number = 0;
};

/// Runs a program of the user, with `input` on its standard input, until it ends, `patience` is over or a stop comes;
/// then it is ended, with all that it has started, by SIGTERM and half a second later by SIGKILL.
///
/// `words` are the program, looked for in PATH, and its arguments: they reach it as they are. No shell is involved, and
/// nothing of `input` is ever part of a command line. It has our standard output and error and no other descriptors of
/// ours, its own process group, default signals, and an environment with what programs of a user need and nothing else
/// (PATH, HOME, USER, LANG and LC_*, TZ, XDG_*, what leads to the desktop).
///
/// Throws: `ruche::os_error` if there is no memory for the input.
[[nodiscard]] command_end run_command(const std::vector<std::string>& words, std::string_view input,
                                      std::chrono::milliseconds patience, const ruche::stop_token& stop);

/// In the user's language: `ended with code 3`.
[[nodiscard]] std::string words_for(const command_end& end);

} // namespace rssmania
