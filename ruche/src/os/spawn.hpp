#pragma once

#include <string>
#include <vector>

namespace ruche::os {

/// Executes this program's own file afresh, as a process that is nobody's child: the caller's SIGCHLD, its `wait` calls
/// and its list of children never see it. Of the caller's descriptors it keeps `kept` (and those without
/// close-on-exec). `environment` is added to the caller's. Throws: `os_error`.
void spawn_self_detached(const std::vector<std::string>& arguments, const std::string& added_environment, int kept);

/// Executes this program's own file in place of this process, under the name `title`, with `environment` (as
/// `environment_block` has it) and `added_environment`. `kept` stays open. Throws: `os_error`.
[[noreturn]] void execute_self(const std::string& title, const std::string& environment,
                               const std::string& added_environment, int kept);

} // namespace ruche::os
