#pragma once

#include <optional>
#include <string>
#include <vector>

/// The control groups of this process, as far as it may look at them (cgroups(7)).
namespace ruche::os {

/// The folder of this process's group: in the one hierarchy of version 2 (`controller` empty), or in that of one
/// controller of version 1. Nothing where there is none.
[[nodiscard]] std::optional<std::string> control_group(const std::string& controller);

/// The same with the groups around it, from its own outwards.
[[nodiscard]] std::vector<std::string> control_groups(const std::string& controller);

/// What a small file holds; empty if it can't be read.
[[nodiscard]] std::string content_of(const std::string& path);

/// The number behind `key` in lines of `key number`.
[[nodiscard]] std::optional<unsigned long long> number_after(const std::string& text, const std::string& key);

} // namespace ruche::os
