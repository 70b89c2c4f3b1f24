#include "sandboxed.hpp"

#include "os/confinement.hpp"
#include "os/os_error.hpp"
#include "os/seccomp_filter.hpp"
#include "os/socket.hpp"
#include "os/surroundings.hpp"
#include "os/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

namespace ruche {

namespace {

std::uint64_t whole_pages(std::uint64_t bytes)
{
    const std::uint64_t page = os::page_size();
    return std::max<std::uint64_t>(1, (bytes + page - 1) / page) * page;
}

os::usage_limits limits_of(const sandbox::limits& most, std::uint64_t mapped)
{
    return {mapped + most.memory, static_cast<std::uint64_t>(std::max<std::int64_t>(most.cpu_time.count(), 0)),
            most.wall_time, most.output};
}

// So that the first thing printed does not ask the system what it prints to.
void give_output_a_buffer()
{
    static std::array<char, BUFSIZ> buffer;
    std::setvbuf(stdout, buffer.data(), _IOLBF, buffer.size());
}

std::string words_for(const exit_status& status, const sandboxed& box, const std::string& call)
{
    const auto& most = box.profile.most;
    if (status.signal() == SIGSYS)
        return "killed for calling " + (call.empty() ? "the kernel as another machine would" : call + "(2)") +
               ", which its sandbox does not allow";
    if (status.signal() == SIGXCPU)
        return "killed after the " + std::to_string(most.cpu_time.count()) +
               " s of processor time that its sandbox allows";
    if (status.signal() == SIGXFSZ)
        return "killed for printing more than the " + std::to_string(most.output) + " bytes that its sandbox allows";
    const auto lived = deadline::clock::now() - box.started;
    if (status.signal() == SIGKILL && box.walls.held().contains(sandbox::layer::limits) && lived >= most.wall_time)
        return "killed after the " +
               std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(most.wall_time).count()) +
               " ms that its sandbox allows";
    return {};
}

} // namespace

sandboxed make_sandbox(const sandbox::profile& profile, voice_ends& theirs)
{
    auto [ours, far] = os::message_socket_pair();
    fd answer = os::make_memory("ruche answer", whole_pages(profile.most.answer));
    theirs = {std::move(far), answer.duplicate()};
    return {profile, {std::move(ours), std::move(answer)}, deadline::clock::now(), {}};
}

exit_status explain(const exit_status& status, const sandboxed& box, const os::crash_record& crash)
{
    std::string call;
    if (const std::uint32_t noted = crash.call.load(std::memory_order_acquire); status.signal() == SIGSYS && noted != 0)
        call = os::system_call_name(static_cast<int>(noted - 1));
    const std::string words = words_for(status, box, call);
    return words.empty() ? status : status.with_reason(words, call);
}

sandbox_walls::sandbox_walls(const sandbox::profile& profile, int parent) :
    profile_(profile), parent_(parent), memory_count_(os::open_memory_count())
{}

template <class Build>
void sandbox_walls::build(sandbox::layer one, Build make)
{
    if (!profile_.wanted.contains(one))
        return;
    if (const int error = make()) {
        walls_.add_missing(one, error);
        if (!profile_.may_lack.contains(one))
            os::throw_error(error, "enter its sandbox, whose " + sandbox::describe(one) + " this machine lacks");
    } else {
        walls_.add_held(one);
    }
}

void sandbox_walls::raise_once()
{
    using sandbox::layer;
    build(layer::namespaces, [this] { return os::enter_empty_namespaces(parent_); });
    // Not earlier: what is not dumpable is a stranger to its own files in /proc.
    if (const int error = os::renounce_privileges())
        os::throw_error(error, "enter its sandbox: renounce privileges");
    build(layer::landlock, os::refuse_paths_and_ports);
    build(layer::capabilities, os::drop_capabilities);
}

void sandbox_walls::raise()
{
    if (std::exchange(raised_, true))
        return;
    try {
        raise_once();
    } catch (const os_error&) {
        refused_ = std::current_exception();
    }
}

sandbox::report sandbox_walls::close(const request_descriptors& descriptors)
{
    using sandbox::layer;
    if (refused_)
        std::rethrow_exception(refused_);
    std::vector<int> carried;
    for (const auto& handle : descriptors.handles)
        carried.push_back(handle.get());
    give_output_a_buffer();
    os::replace_standard_stream(0, {});
    const std::uint64_t mapped = os::mapped_bytes(memory_count_);
    memory_count_.reset();
    build(layer::limits, [&] { return mapped == 0 ? EIO : os::limit_usage(limits_of(profile_.most, mapped)); });
    build(layer::seccomp, [&] { return os::allow_computing_only({descriptors.voice.get(), carried}); });
    return walls_;
}

} // namespace ruche
