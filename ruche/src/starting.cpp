#include "starting.hpp"

#include "log_line.hpp"
#include "os/os_error.hpp"
#include "os/surroundings.hpp"

#include <cerrno>
#include <string_view>

namespace ruche {

namespace {

using namespace std::string_view_literals;

void add_streams(outgoing_request& request, const process_options& options, captured_streams& captured)
{
    const std::array<const standard_stream*, 3> streams{&options.input, &options.output, &options.errors};
    for (int number = 0; number < 3; ++number) {
        const auto at = static_cast<std::size_t>(number);
        auto ends = streams[at]->open(number);
        captured[at] = std::move(ends.ours);
        if (ends.theirs < 0)
            continue;
        request.words.standard_streams |= 1U << number;
        request.descriptors.push_back(ends.theirs);
        request.owned.push_back(std::move(ends.owned));
    }
}

bool can_be_set(std::string_view name, const std::optional<std::string>& value)
{
    return !name.empty() && name.find_first_of("=\0"sv) == name.npos && (!value || value->find('\0') == value->npos);
}

std::string environment_of(const process_options& options)
{
    std::string block;
    const std::string before = options.clear_environment ? "" : os::environment_block();
    if (options.environment.empty())
        return before;
    for (std::size_t at = 0; at < before.size();) {
        const std::string_view setting(before.data() + at);
        if (!options.environment.contains(std::string(setting.substr(0, setting.find('=')))))
            block.append(setting).push_back('\0');
        at += setting.size() + 1;
    }
    for (const auto& [name, value] : options.environment) {
        if (!can_be_set(name, value))
            os::throw_error(EINVAL, "set '" + name + "' in the environment");
        if (value)
            block.append(name).append("=").append(*value).push_back('\0');
    }
    return block;
}

os::resource_limits limits_of(const process_limits& wanted)
{
    auto limits = os::limits_of_this_process();
    const auto set = [&](os::resource which, const auto& most, std::uint64_t more = 0) {
        if (most)
            limits[static_cast<std::size_t>(which)] = {*most, *most + more};
    };
    set(os::resource::private_memory, wanted.memory);
    set(os::resource::file_size, wanted.file_size);
    set(os::resource::open_files, wanted.open_files);
    set(os::resource::processes, wanted.processes);
    std::optional<std::uint64_t> seconds;
    if (wanted.cpu_time)
        seconds = static_cast<std::uint64_t>(wanted.cpu_time->count());
    set(os::resource::cpu_seconds, seconds, 1); // the second after which SIGXCPU is followed by SIGKILL
    return limits;
}

bool limits_anything(const process_limits& limits)
{
    return limits.memory || limits.cpu_time || limits.file_size || limits.open_files || limits.processes;
}

} // namespace

void add_surroundings(outgoing_request& request, const process_options& options, captured_streams& captured)
{
    auto& words = request.words;
    words.log_level = static_cast<std::uint32_t>(log::current_level());
    if (const auto line = log_line::instance().current(); line && !options.sandbox) {
        words.has_log_line = true;
        request.add(line->duplicate());
    }
    request.add(os::open_directory(options.working_directory));
    add_streams(request, options, captured);
    words.environment = environment_of(options);
    words.file_mode_mask = os::file_mode_mask();
    words.signal_mask = os::signal_mask();
    words.limits = limits_of(options.limits);
    words.processors = options.processors;
    words.niceness = options.niceness;
    words.executed = options.method == start_method::exec;
    // The rest was done here, and has failed here if it could.
    words.says_ready = words.sandbox || !words.processors.empty() || words.niceness || limits_anything(options.limits);
}

start_failed start_failure(const std::string& name, const os_error& refused)
{
    return {refused.code().value(), "start process '" + name + "': " + refused.doing()};
}

} // namespace ruche
