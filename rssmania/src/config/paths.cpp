#include "config/paths.hpp"

#include <cstdlib>
#include <stdexcept>

namespace rssmania {
namespace {

// The XDG base directory specification: a relative path in the variable is to be ignored. Empty if there is no home.
std::filesystem::path base_directory(const char* variable, const char* below_home)
{
    if (const char* given = std::getenv(variable); given && *given == '/')
        return given;
    if (const char* home = std::getenv("HOME"); home && *home)
        return std::filesystem::path(home) / below_home;
    return {};
}

} // namespace

std::filesystem::path default_store()
{
    if (const auto state = base_directory("XDG_STATE_HOME", ".local/state"); !state.empty())
        return state / "rssmania";
    throw std::runtime_error("nowhere to keep the store: neither XDG_STATE_HOME nor HOME is set; use --store DIR");
}

std::filesystem::path default_configuration()
{
    const auto base = base_directory("XDG_CONFIG_HOME", ".config");
    return base.empty() ? base : base / "rssmania" / "config.toml";
}

void make_private_directory(const std::filesystem::path& directory)
{
    if (create_directories(directory))
        permissions(directory, std::filesystem::perms::owner_all);
}

} // namespace rssmania
