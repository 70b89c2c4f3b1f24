#include "child.hpp"

#include "code_reference.hpp"
#include "describe.hpp"
#include "lifeline.hpp"
#include "log_line.hpp"
#include "os/family.hpp"
#include "os/news.hpp"
#include "os/os_error.hpp"
#include "os/poll.hpp"
#include "os/sanitizer.hpp"
#include "os/shared_page.hpp"
#include "os/surroundings.hpp"
#include "os/throw_stack.hpp"
#include "os/wait_note.hpp"
#include "sandboxed.hpp"
#include "self.hpp"
#include "server_link.hpp"
#include "stop_words.hpp"
#include "thrown.hpp"
#include "voice.hpp"

#include <ruche/detail/task.hpp>
#include <ruche/exception.hpp>
#include <ruche/this_process.hpp>
#include <ruche/wire.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>

namespace ruche {

incoming_request::incoming_request(os::received_message& message)
{
    std::uint32_t length = 0;
    if (message.bytes.size() < sizeof length)
        return;
    std::memcpy(&length, message.bytes.data(), sizeof length);
    std::span<const std::byte> rest = std::span<const std::byte>(message.bytes).subspan(sizeof length);
    if (length > rest.size())
        return;
    try {
        for (const auto& descriptor : message.descriptors)
            raw_.descriptors.push_back(descriptor.get());
        if (length == 0 && !message.descriptors.empty()) { // the words were too many for a message
            words_apart_ = std::move(message.descriptors.front());
            words_ = from_bytes<start_request>(os::read_memory_file(words_apart_));
            message.descriptors.erase(message.descriptors.begin());
        } else {
            words_ = from_bytes<start_request>(rest.first(length));
        }
        sort_descriptors(std::move(message.descriptors));
        const auto inline_arguments = rest.subspan(length);
        arguments_.assign(inline_arguments.begin(), inline_arguments.end());
        raw_.bytes = std::move(message.bytes);
        valid_ = true;
    } catch (const std::exception& error) {
        // Requests come from this build alone, over a private socket: this is a defect, and the starter is told.
        const std::string_view step = error.what();
        if (descriptors_.lifeline)
            report(lifeline(), {lifeline_kind::failed, EBADMSG}, std::as_bytes(std::span(step)), {}, false);
    }
}

void incoming_request::sort_descriptors(std::vector<fd>&& received)
{
    std::size_t next = 0;
    const auto take = [&] {
        if (next == received.size())
            os::throw_error(EBADMSG, "take the descriptors of a start request");
        return std::move(received[next++]);
    };
    descriptors_.lifeline = take();
    descriptors_.control = take();
    if (words_.sandbox) {
        descriptors_.voice = take();
        descriptors_.answer = take();
    }
    if (words_.has_log_line)
        descriptors_.log = take();
    descriptors_.directory = take();
    for (std::size_t number = 0; number < descriptors_.streams.size(); ++number)
        if (words_.standard_streams & (1U << number))
            descriptors_.streams[number] = take();
    if (words_.arguments_apart)
        descriptors_.arguments = take();
    while (next < received.size())
        descriptors_.handles.push_back(take());
}

namespace {

std::vector<int> needed_descriptors(const request_descriptors& descriptors, const family_facts& family,
                                    const std::optional<sandbox_walls>& walls)
{
    std::vector<int> needed{descriptors.lifeline.get(), descriptors.control.get(), descriptors.voice.get(),
                            descriptors.answer.get(),   descriptors.log.get(),     descriptors.directory.get(),
                            descriptors.arguments.get()};
    if (!descriptors.voice) { // who has a voice of its own lives in a sandbox: nothing of the family's is for it
        needed.insert(needed.end(), family.kept.begin(), family.kept.end());
        needed.push_back(family.requests);
        needed.push_back(os::news_descriptor_if_any());
    }
    if (walls)
        needed.push_back(walls->kept());
    for (const auto& stream : descriptors.streams)
        needed.push_back(stream.get());
    for (const auto& handle : descriptors.handles)
        needed.push_back(handle.get());
    return needed;
}

void set_up(incoming_request& request, const family_facts& family, const os::held_signals& signals,
            const std::optional<sandbox_walls>& walls)
{
    auto& descriptors = request.descriptors();
    if (!os::die_with_parent(family.server))
        os::exit_at_once(1);
    if (descriptors.voice) { // it lives in a sandbox
        os::forget_news();
        os::keep_no_wait_notes();
    }
    os::close_descriptors_from(3, needed_descriptors(descriptors, family, walls));
    for (int number = 0; number < 3; ++number) {
        auto& stream = descriptors.streams[static_cast<std::size_t>(number)];
        os::replace_standard_stream(number, stream);
        stream.reset();
    }
    if (!walls || !walls->raised()) // behind the walls there is no other directory, and must be none
        os::change_directory(descriptors.directory);
    descriptors.directory.reset();
    os::replace_environment(request.words().environment);
    os::set_file_mode_mask(request.words().file_mode_mask);
    signals.restore();
    os::leave_interrupts_to_the_program();
    os::set_signal_mask(request.words().signal_mask);
    become({request.name(), family.starter, os::map_page_as<control_page>(descriptors.control)});
    if (!request.words().sandbox)
        detail::add_stop_page(std::move(descriptors.control), self()->control); // its token can be sent on
    descriptors.control.reset();
    os::set_crash_record(&self()->control->crash);
    os::record_throws(true);
    if (!request.words().sandbox)
        server_link::instance().adopt(fd(family.requests));
    os::set_process_title(request.name(), family.title);
    std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ); // whole lines, so that those of several processes don't mix
    log::set_level(static_cast<log::level>(request.words().log_level));
    if (descriptors.log)
        log_line::instance().lead_to(std::make_shared<const fd>(std::move(descriptors.log)));
    apply_options(request.words(), family.limits);
    if (request.words().says_ready && !request.words().sandbox)
        report(request.lifeline(), {lifeline_kind::ready});
}

std::vector<int> numbers_of(std::span<const std::shared_ptr<const fd>> descriptors)
{
    std::vector<int> numbers;
    for (const auto& descriptor : descriptors)
        numbers.push_back(descriptor->get());
    return numbers;
}

/// Tells the starter what was thrown; if there is none any more, tells people.
void report_exception(const voice& starter, const std::exception_ptr& error)
{
    sink encoded;
    encode_thrown(encoded, error);
    const auto told = starter.say(lifeline_kind::threw, encoded.bytes(), numbers_of(encoded.descriptors()));
    if (told == os::transfer::peer_gone)
        os::say("ruche: process '" + this_process::name() + "' (" + std::to_string(this_process::id()) +
                "): " + describe_exception(error) + ", and nobody waits for it\n");
}

/// What is being handled, also where that is no exception of C++ (the runtime has no pointer for it then).
std::exception_ptr current_exception()
{
    if (auto error = std::current_exception())
        return error;
    return std::make_exception_ptr(remote_error("an exception of another language", "it says nothing of itself"));
}

void report_failure(int lifeline, const os_error& error)
{
    const std::string_view step = error.doing();
    report(lifeline, {lifeline_kind::failed, error.code().value()}, std::as_bytes(std::span(step)));
}

voice voice_of(const request_descriptors& descriptors)
{
    return descriptors.voice ? voice(descriptors.voice.get(), descriptors.answer) : voice(descriptors.lifeline.get());
}

/// Leaves what is not for a sandboxed process, and tells the starter which walls stand. Returns whether it may go on.
bool confine(incoming_request& request, sandbox_walls& walls, const voice& starter)
{
    auto& descriptors = request.descriptors();
    descriptors.answer.reset(); // it is mapped
    try {
        walls.raise();
        const auto held = walls.close(descriptors);
        descriptors.lifeline.reset();
        starter.say(lifeline_kind::ready, to_bytes(held.get_state()));
        return true;
    } catch (const os_error& error) {
        report_failure(request.lifeline(), error);
        return false;
    }
}

int run_task(incoming_request& request, std::optional<sandbox_walls>& walls)
{
    const voice starter = voice_of(request.descriptors());
    const void* function = nullptr;
    detail::task_function run = nullptr;
    auto memory = std::make_shared<os::memory_view>();
    std::optional<detail::packed_message> packed;
    try {
        if (request.words().arguments_apart) {
            *memory = os::memory_view(request.descriptors().arguments);
            packed.emplace(memory->bytes());
            request.descriptors().arguments.reset();
        }
        function = resolve_function(request.words().code);
        run = resolve_task(request.words().code);
    } catch (...) {
        report_exception(starter, current_exception());
        return EXIT_FAILURE;
    }
    if (walls && !confine(request, *walls, starter)) // before the arguments are looked at
        return EXIT_FAILURE;
    source arguments(packed ? packed->bytes() : request.arguments(), std::move(request.descriptors().handles));
    if (packed)
        arguments.lend(packed->apart());
    detail::task_context context{arguments, function, self()->stop().get_token(), {}, false};
    context.memory = std::move(memory);
    return run_and_report(starter, context, run);
}

} // namespace

// Limits come last: the steps before may need more.
void apply_options(const start_request& words, const os::resource_limits& before)
{
    if (!words.processors.empty())
        os::run_on_processors(words.processors);
    if (words.niceness)
        os::set_niceness(*words.niceness);
    for (std::size_t i = 0; i < os::resources; ++i)
        if (words.limits[i] != before[i])
            os::set_limit(static_cast<os::resource>(i), words.limits[i]);
}

// The runtime has no object for a forced unwind, so the reference by which it is caught is null, as libstdc++ means it
// to be; the undefined-behaviour sanitizer would end the process for it.
[[gnu::no_sanitize("null")]] int run_and_report(const voice& starter, detail::task_context& context,
                                                const std::function<void(detail::task_context&)>& task)
{
    try {
        context.send = [&](const sink& result) { starter.answer(result); };
        task(context);
        if (context.has_result && !context.sent)
            starter.answer(context.result);
        return EXIT_SUCCESS;
    } catch (const abi::__forced_unwind&) {
        throw; // pthread_exit: this thread ends, the process with its last one
    } catch (...) {
        report_exception(starter, current_exception());
        return EXIT_FAILURE;
    }
}

void run_child(incoming_request& request, const family_facts& family, const os::held_signals& signals,
               std::optional<sandbox_walls> walls)
{
    try {
        if (request.words().sandbox && !walls)
            walls.emplace(*request.words().sandbox, family.server);
        set_up(request, family, signals, walls);
    } catch (const os_error& error) {
        report_failure(request.lifeline(), error);
        os::exit_at_once(EXIT_FAILURE);
    }
    // exit, not a return: the fork server's own objects, on the stack below, are not ours to destroy.
    const int code = run_task(request, walls);
    if (walls && os::under_sanitizer) { // its leak detector looks through /proc, which is gone
        std::fflush(nullptr);
        os::exit_at_once(code);
    }
    std::exit(code);
}

} // namespace ruche
