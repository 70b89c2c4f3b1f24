#include "spares.hpp"

#include "os/family.hpp"
#include "os/module.hpp"
#include "os/news.hpp"
#include "os/poll.hpp"
#include "os/socket.hpp"
#include "os/surroundings.hpp"
#include "os/warm_up.hpp"

#include <ruche/error.hpp>
#include <ruche/wire.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace ruche {

namespace {

/// What goes before the request's own bytes.
struct handing_over {
    int starter = 0;
};

/// The message with the request; nothing if the server has no use for this spare any more. Signals that come before it
/// were meant for a group of which the process that will be here was no part yet.
std::optional<os::received_message> await_request(const fd& line)
{
    const os::stray_signals strays;
    for (;;) {
        const auto [asked, signalled] = os::poll_readable(std::array{line.get(), strays.notices().get()});
        if (asked)
            break;
        strays.drop();
    }
    os::received_message message;
    if (os::receive_message(line.get(), message) != os::transfer::done || message.bytes.size() < sizeof(handing_over))
        return std::nullopt;
    return message;
}

std::vector<int> descriptors_of(const family_facts& family, const fd& line)
{
    std::vector<int> mine = family.kept;
    mine.push_back(family.requests);
    mine.push_back(os::news_descriptor_if_any());
    mine.push_back(line.get());
    return mine;
}

/// Does what will be done with a request, as far as that changes nothing, so that the pages it needs are there by then.
void rehearse()
{
    os::warm_up();
    const auto words = to_bytes(start_request{});
    static_cast<void>(from_bytes<start_request>(words));
}

[[noreturn]] void be_spare(const fd& line, const std::optional<sandbox::profile>& profile, family_facts family,
                           const os::held_signals& signals)
{
    if (!os::die_with_parent(family.server))
        os::exit_at_once(1);
    os::close_descriptors_from(3, descriptors_of(family, line));
    os::set_process_title(profile ? "sandboxed spare" : "spare", family.title);
    std::optional<sandbox_walls> walls;
    if (profile) {
        walls.emplace(*profile, family.server);
        walls->raise();
    }
    rehearse();
    auto message = await_request(line);
    if (!message)
        os::exit_at_once(0);
    handing_over words;
    std::memcpy(&words, message->bytes.data(), sizeof words);
    message->bytes.erase(message->bytes.begin(), message->bytes.begin() + sizeof words);
    family.starter = words.starter;
    incoming_request request(*message);
    if (!request.valid())
        os::exit_at_once(1); // it has said so
    run_child(request, family, signals, std::move(walls));
}

} // namespace

spare_children::kind* spare_children::find(const std::optional<sandbox::profile>& profile) noexcept
{
    const auto found =
        std::find_if(kinds_.begin(), kinds_.end(), [&](const kind& one) { return one.profile == profile; });
    return found == kinds_.end() ? nullptr : &*found;
}

spare_children::kind* spare_children::suitable(const start_request& words)
{
    if (words.executed)
        return nullptr;
    if (words.sandbox) {
        // Behind its walls a spare can't load code, gain limits or become more important.
        const bool possible = words.limits == usual_limits_ && !words.niceness && os::find(words.code.task) &&
                              (!words.code.function || os::find(*words.code.function));
        auto* const walled = find(words.sandbox);
        if (possible && walled && walled->ready)
            return walled;
    }
    auto* const plain = find(std::nullopt);
    return plain && plain->ready ? plain : nullptr;
}

std::optional<handed_over> spare_children::hand_over(incoming_request& request, int starter)
{
    const auto& raw = request.raw();
    const handing_over words{starter};
    if (sizeof words + raw.bytes.size() > os::largest_message)
        return std::nullopt;
    auto* const from = suitable(request.words());
    if (!from)
        return std::nullopt;
    spare one = std::move(*std::exchange(from->ready, std::nullopt));
    const std::array parts{os::as_part(words), std::span<const std::byte>(raw.bytes)};
    if (os::send_message(one.line.get(), parts, raw.descriptors, false) != os::transfer::done) {
        os::kill_child(one.id); // if it hasn't died by itself
        return std::nullopt;
    }
    return handed_over{one.id, std::move(one.process), std::move(one.line)};
}

void spare_children::note_start(const start_request& words)
{
    if (words.executed)
        return;
    const auto found =
        std::find_if(kinds_.begin(), kinds_.end(), [&](const kind& one) { return one.profile == words.sandbox; });
    if (found == kinds_.end()) {
        if (kinds_.size() == most_kinds) {
            kinds_.front().unused = deadline(std::chrono::nanoseconds(0));
            let_go();
        }
        kinds_.push_back({words.sandbox, deadline(usual_pause), false, std::nullopt});
        return;
    }
    found->wanted = true;
    found->unused = deadline(usual_pause);
    std::rotate(found, found + 1, kinds_.end());
}

bool spare_children::is_one_wanted() const noexcept
{
    return std::any_of(kinds_.begin(), kinds_.end(), [](const kind& one) { return one.wanted && !one.ready; });
}

void spare_children::want_none() noexcept
{
    for (auto& one : kinds_)
        one.wanted = false;
}

void spare_children::make(const family_facts& family, const os::held_signals& signals)
{
    const auto found =
        std::find_if(kinds_.begin(), kinds_.end(), [](const kind& one) { return one.wanted && !one.ready; });
    if (found == kinds_.end())
        return;
    found->wanted = false; // until the next start: if it fails or dies, that is time enough
    auto [ours, theirs] = os::message_socket_pair();
    const int id = os::fork_process();
    if (id == 0)
        be_spare(theirs, found->profile, family, signals);
    try {
        found->ready = spare{id, os::open_process(id), std::move(ours)};
    } catch (const os_error&) {
        os::kill_child(id);
        throw;
    }
}

void spare_children::let_go()
{
    std::erase_if(kinds_, [](const kind& one) {
        if (!one.unused.passed())
            return false;
        if (one.ready)
            os::kill_child(one.ready->id);
        return true;
    });
}

deadline spare_children::next_to_go() const noexcept
{
    deadline first;
    for (const auto& one : kinds_)
        first = std::min(first, one.unused);
    return first;
}

bool spare_children::contains(int id) const noexcept
{
    return std::any_of(kinds_.begin(), kinds_.end(), [&](const kind& one) { return one.ready && one.ready->id == id; });
}

void spare_children::forget(int id) noexcept
{
    for (auto& one : kinds_)
        if (one.ready && one.ready->id == id)
            one.ready.reset();
}

} // namespace ruche
