#include "forked.hpp"

#include "child.hpp"
#include "guard.hpp"
#include "lifeline.hpp"
#include "os/crash.hpp"
#include "os/family.hpp"
#include "os/os_error.hpp"
#include "os/signals.hpp"
#include "os/surroundings.hpp"
#include "os/throw_stack.hpp"
#include "self.hpp"
#include "server_link.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace ruche {

namespace {

constexpr std::uint32_t end_is_told = 256;

void change_surroundings(outgoing_request& request)
{
    auto next = request.descriptors.begin();
    const auto borrow = [&](auto use) {
        fd borrowed(*next++);
        use(borrowed);
        (void)borrowed.release();
    };
    borrow([](const fd& directory) { os::change_directory(directory); });
    for (int number = 0; number < 3; ++number)
        if (request.words.standard_streams & (1U << number))
            borrow([&](const fd& stream) { os::replace_standard_stream(number, stream); });
    static std::string environment; // the process's, from now on
    environment = std::move(request.words.environment);
    os::replace_environment(environment);
    apply_options(request.words, os::limits_of_this_process());
}

void tell_end(int code, void* page)
{
    static_cast<control_page*>(page)->end.store(end_is_told + static_cast<std::uint32_t>(code & 0xFF),
                                                std::memory_order_release);
}

void set_up_copy(forked_facts& facts, outgoing_request& surroundings)
{
    const fd self = os::open_process(os::current_process_id());
    be_guarded(facts.requests, facts.starter, self);
    server_link::instance().adopt(std::move(facts.requests));
    change_surroundings(surroundings);
    os::leave_interrupts_to_the_program();
    become({facts.name, facts.starter, facts.control});
    os::note_crashes(false);
    os::set_crash_record(&facts.control->crash);
    os::record_throws(true);
    os::set_process_title(facts.name, {});
    os::at_exit(tell_end, facts.control.get());
    (void)report(facts.lifeline, {lifeline_kind::started, os::current_process_id()}, {}, std::array{self.get()});
}

[[noreturn]] void run_copy(forked_facts& facts, outgoing_request& surroundings, const detail::forked_call& call)
{
    try {
        set_up_copy(facts, surroundings);
    } catch (const os_error& error) {
        const std::string_view step = error.doing();
        report(facts.lifeline, {lifeline_kind::failed, error.code().value()}, std::as_bytes(std::span(step)));
        os::exit_at_once(EXIT_FAILURE);
    }
    source nothing{std::span<const std::byte>()};
    detail::task_context context{nothing, nullptr, self()->stop().get_token(), {}, false};
    const int code = run_and_report(voice(facts.lifeline), context, call.run);
    // Not exit: static objects are the original's to destroy, and their threads are not here to be joined.
    std::cout.flush();
    std::fflush(nullptr);
    tell_end(code, facts.control.get());
    os::exit_at_once(code);
}

} // namespace

int fork_copy(forked_facts& facts, outgoing_request& surroundings, const detail::forked_call& call, fd lifeline,
              std::unique_lock<std::mutex> held)
{
    std::cout.flush();
    std::fflush(nullptr); // what is still to be printed must not be printed twice
    int id = 0;
    {
        const auto link = server_link::instance().hold();
        id = os::fork_process();
    }
    held.unlock();
    if (id == 0) {
        facts.lifeline = lifeline.get();
        run_copy(facts, surroundings, call);
    }
    return id; // and our copy of its end of the lifeline goes, or its death before its first word would not be seen
}

} // namespace ruche
