#include <ruche/inspect.hpp>

#include "inspect/deadlocks.hpp"
#include "inspect/kinds.hpp"
#include "os/proc.hpp"
#include "os/wait_note.hpp"
#include "shared_block.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <set>
#include <stdexcept>
#include <string_view>

namespace ruche::inspect {

namespace {

constexpr std::string_view bell_label = "ruche death bell"; // shared by all processes of a program
constexpr std::string_view server_title = ": fork server";

/// One process that uses ruche, as it was found.
struct found_process {
    int id = 0;
    os::proc::facts facts;
    std::uint64_t bell = 0; ///< the number of its program's death bell; 0 if it has none
    std::vector<os::proc::mapping> mappings;
    std::vector<os::proc::memory_descriptor> descriptors;

    [[nodiscard]] bool is_server() const { return facts.command.ends_with(server_title); }
    [[nodiscard]] std::string name() const { return facts.command.empty() ? facts.name : facts.command; }
};

bool is_ours(std::string_view label) { return label.starts_with("ruche"); }

std::optional<found_process> find(int id)
{
    found_process found;
    found.id = id;
    found.mappings = os::proc::memory_mappings(id);
    std::erase_if(found.mappings, [](const auto& one) { return !is_ours(one.label); });
    if (found.mappings.empty())
        return std::nullopt;
    const auto facts = os::proc::look_at(id);
    if (!facts || facts->state == 'Z' || facts->state == 'X')
        return std::nullopt;
    found.facts = *facts;
    found.descriptors = os::proc::memory_descriptors(id);
    std::erase_if(found.descriptors, [](const auto& one) { return !kind_of(one.label); });
    for (const auto& one : found.mappings)
        if (one.label == bell_label)
            found.bell = one.inode;
    return found;
}

std::vector<found_process> find_all()
{
    std::vector<found_process> all;
    for (const int id : os::proc::processes())
        if (auto found = find(id))
            all.push_back(std::move(*found));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return all;
}

/// The processes of each program: those who share a death bell; and who has none belongs to its parent's program, or is
/// one by itself.
std::vector<std::vector<const found_process*>> sort_by_program(const std::vector<found_process>& all)
{
    std::vector<std::vector<const found_process*>> programs;
    for (const found_process& one : all) {
        const auto belongs = [&](const auto& members) {
            return std::any_of(members.begin(), members.end(), [&](const found_process* member) {
                return one.bell != 0 ? member->bell == one.bell : member->id == one.facts.parent;
            });
        };
        const auto program = std::find_if(programs.begin(), programs.end(), belongs);
        if (program == programs.end())
            programs.push_back({&one});
        else
            program->push_back(&one);
    }
    return programs;
}

std::string state_in_words(char state)
{
    switch (state) {
    case 'R':
        return "running";
    case 'S':
    case 'I':
        return "sleeping";
    case 'D':
        return "in the kernel";
    case 'T':
    case 't':
        return "stopped";
    default:
        return std::string(1, state);
    }
}

/// The first process of a program: not the server, and started by none of the others.
const found_process& first_of(const std::vector<const found_process*>& members)
{
    const auto is_inside = [&](int id) {
        return std::any_of(members.begin(), members.end(), [&](const found_process* one) { return one->id == id; });
    };
    for (const found_process* one : members)
        if (!one->is_server() && !is_inside(one->facts.parent))
            return *one;
    return *members.front();
}

/// What is known of a program while it is put together.
class drawing {
public:
    drawing(const std::vector<const found_process*>& members, const std::vector<found_process>& all) :
        members_(members), all_(all)
    {
        const found_process& first = first_of(members);
        drawn_.id = first.id;
        drawn_.name = first.name();
        add_process(first);
        for (const found_process* one : members)
            if (one != &first)
                add_process(*one);
        for (const found_process* one : members)
            for (const auto& descriptor : one->descriptors)
                add_object(*one, descriptor);
        for (const found_process& one : all_) // strangers may wait for what the program shares with them
            add_waits(one);
        drawn_.deadlocks = find_deadlocks(drawn_);
    }

    [[nodiscard]] program take() { return std::move(drawn_); }

private:
    void add_process(const found_process& one)
    {
        const bool is_first = one.id == drawn_.id;
        drawn_.processes.push_back({one.id, one.facts.parent, one.name(),
                                    is_first          ? "program"
                                    : one.is_server() ? "fork server"
                                                      : "process",
                                    state_in_words(one.facts.state), one.facts.threads, one.facts.resident});
    }

    [[nodiscard]] object* known(std::uint64_t id)
    {
        const auto at =
            std::find_if(drawn_.objects.begin(), drawn_.objects.end(), [&](const object& one) { return one.id == id; });
        return at == drawn_.objects.end() ? nullptr : &*at;
    }

    void add_object(const found_process& owner, const os::proc::memory_descriptor& descriptor)
    {
        if (known(descriptor.inode))
            return;
        const kind& what = *kind_of(descriptor.label);
        object made;
        made.id = descriptor.inode;
        made.kind = what.name;
        if (const auto colon = descriptor.label.find(':'); colon != std::string::npos)
            made.name = descriptor.label.substr(colon + 1);
        for (const found_process& one : all_)
            if (std::any_of(one.descriptors.begin(), one.descriptors.end(),
                            [&](const auto& other) { return other.inode == descriptor.inode; }))
                made.users.push_back(one.id);
        portray(owner, descriptor, what, made);
        drawn_.objects.push_back(std::move(made));
    }

    static void portray(const found_process& owner, const os::proc::memory_descriptor& descriptor, const kind& what,
                        object& into)
    {
        const os::proc::view view(owner.id, descriptor);
        const auto file = view.bytes();
        constexpr std::size_t header = detail::block_header::data_offset;
        portrait seen;
        if (is_queue(what)) {
            seen = portrait_of_queue(file, what.name == "channel");
        } else if (file.size() > header) {
            detail::block_header block;
            std::memcpy(&block, file.data(), sizeof block);
            if (block.magic != detail::block_header::right_magic)
                return;
            seen.facts = {{"bytes", block.bytes}};
            if (what.portray)
                seen = what.portray(file.subspan(header));
        }
        into.facts = std::move(seen.facts);
        for (const auto& one : seen.holders) {
            const int process = one.process != 0 ? one.process : os::proc::process_of(one.thread);
            if (process != 0) // else it died holding it, and the next who wants it will see to that
                into.holders.push_back({process, one.thread, one.how, one.count});
        }
    }

    void add_waits(const found_process& one)
    {
        const bool is_member = std::find(members_.begin(), members_.end(), &one) != members_.end();
        for (const auto& mapping : one.mappings) {
            if (mapping.label != os::wait_page_label)
                continue;
            alignas(os::wait_page) std::array<std::byte, sizeof(os::wait_page)> bytes;
            if (!os::proc::read_memory(one.id, mapping.begin, bytes)) {
                drawn_.waits_hidden = drawn_.waits_hidden || (is_member && os::proc::look_at(one.id));
                continue;
            }
            const auto& page = *reinterpret_cast<const os::wait_page*>(bytes.data());
            if (page.magic != os::wait_page::right_magic)
                continue;
            for (const os::wait_slot& slot : page.slots)
                add_wait(one, slot, is_member);
        }
    }

    void add_wait(const found_process& one, const os::wait_slot& slot, bool is_member)
    {
        const auto thread = static_cast<int>(slot.thread.load());
        const auto what = static_cast<os::wait_kind>(slot.kind.load());
        if (thread == 0 || what == os::wait_kind{})
            return;
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        waiting who{one.id, thread, {}, now - std::chrono::nanoseconds(slot.since.load())};
        const std::uint64_t number = slot.number.load();
        if (what == os::wait_kind::memory) {
            add_wait_for_memory(one, who, number);
        } else if (is_member && what == os::wait_kind::process) {
            who.why = "for its end";
            drawn_.other_waits.push_back({who, static_cast<int>(number)});
        } else if (is_member) {
            who.why = "for any of " + std::to_string(number);
            drawn_.other_waits.push_back({who, 0});
        }
    }

    void add_wait_for_memory(const found_process& one, waiting& who, std::uint64_t address)
    {
        for (const auto& mapping : one.mappings) {
            if (address < mapping.begin || address >= mapping.end)
                continue;
            object* const what = known(mapping.inode);
            const kind* const type = kind_of(mapping.label);
            if (!what || !type)
                return;
            const auto offset = static_cast<std::size_t>(address - mapping.begin + mapping.offset);
            who.why = is_queue(*type) ? reason_to_wait_at_queue(offset, type->name == "channel") : type->why;
            what->waiters.push_back(who);
            return;
        }
    }

    const std::vector<const found_process*>& members_;
    const std::vector<found_process>& all_;
    program drawn_;
};

} // namespace

std::vector<program> programs()
{
    const auto all = find_all();
    std::vector<program> drawn;
    for (const auto& members : sort_by_program(all))
        drawn.push_back(drawing(members, all).take());
    return drawn;
}

program program_of(int process)
{
    const auto all = find_all();
    for (const auto& members : sort_by_program(all))
        if (std::any_of(members.begin(), members.end(), [&](const auto* one) { return one->id == process; }))
            return drawing(members, all).take();
    throw std::invalid_argument("process " + std::to_string(process) +
                                " belongs to no program that uses ruche, or may not be looked at");
}

} // namespace ruche::inspect
