#include "os/control_group.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace ruche::os {

namespace {

namespace fs = std::filesystem;

constexpr const char* root = "/sys/fs/cgroup";

/// Whether `list`, as in "cpu,cpuacct", has `word`.
bool has(const std::string& list, const std::string& word)
{
    std::istringstream words(list);
    for (std::string one; std::getline(words, one, ',');)
        if (one == word)
            return true;
    return false;
}

/// Where this process is in the hierarchy of `controller`: the third field of its line "4:cpu,cpuacct:/a/b".
std::optional<std::string> place_in(const std::string& controller)
{
    std::istringstream lines(content_of("/proc/self/cgroup"));
    for (std::string line; std::getline(lines, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second == std::string::npos)
            continue;
        const std::string list = line.substr(first + 1, second - first - 1);
        if (controller.empty() ? list.empty() : has(list, controller))
            return line.substr(second + 1);
    }
    return std::nullopt;
}

/// `place` below `top`; or `top` itself where the place lies outside of what this process sees (a container).
std::optional<std::string> folder(const std::string& top, const std::string& place)
{
    std::error_code missing;
    for (const auto& path : {top + place, top})
        if (fs::is_directory(path, missing))
            return path;
    return std::nullopt;
}

} // namespace

std::string content_of(const std::string& path)
{
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<unsigned long long> number_after(const std::string& text, const std::string& key)
{
    std::istringstream words(text);
    std::string word;
    while (words >> word) {
        unsigned long long number = 0;
        if (word == key && words >> number)
            return number;
        words.clear();
    }
    return std::nullopt;
}

std::optional<std::string> control_group(const std::string& controller)
{
    const auto place = place_in(controller);
    if (!place)
        return std::nullopt;
    if (!controller.empty())
        return folder(std::string(root) + "/" + controller, *place);
    // Beside hierarchies of version 1, that of version 2 lies one level lower.
    const std::string beside = std::string(root) + "/unified";
    std::error_code missing;
    return folder(fs::is_directory(beside, missing) ? beside : root, *place);
}

std::vector<std::string> control_groups(const std::string& controller)
{
    std::vector<std::string> groups;
    const auto own = control_group(controller);
    const std::string top(root);
    for (fs::path at = own.value_or(top); at.native().size() > top.size(); at = at.parent_path())
        groups.push_back(at);
    if (own)
        groups.push_back(top);
    return groups;
}

} // namespace ruche::os
