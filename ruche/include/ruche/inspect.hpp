#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// What the programs of this user that use ruche are doing, seen from outside: their processes, what they share, who
/// holds it and who waits for it. The command `ruche-inspect` prints it.
///
///     for (const auto& program : ruche::inspect::programs())
///         for (const auto& thing : program.objects)
///             if (thing.kind == "queue")
///                 std::cout << thing.name << ": " << thing.facts.at("items") << '\n';
///
/// It only reads: /proc, the shared memory itself (mapped read-only), and a page in which sleepers note what they wait
/// for. The programs do nothing for it, save that note before a sleep; those that are killed leave nothing behind that
/// could be found. What it says was so a moment ago, each object for itself; between two objects time has passed.
///
/// Who may: the user to whom the programs belong, and root. Where the system forbids to read another process's memory
/// (`kernel.yama.ptrace_scope` is not 0), `program::waits_hidden` says that waits could not be seen.
///
/// Thread safety: may be called from any thread.
namespace ruche::inspect {

struct process {
    int id = 0;
    int parent = 0;
    std::string name;
    std::string role;  ///< "program", "fork server", "process"
    std::string state; ///< "running", "sleeping", "stopped", "zombie", …
    unsigned threads = 0;
    std::uint64_t memory = 0; ///< resident bytes, those it shares included
};

/// Somebody who has something of an object.
struct holding {
    int process = 0;
    int thread = 0;  ///< 0 where the whole process holds it
    std::string how; ///< "holds", "reads", "has permits", "leases", "pushes", "pops"
    std::uint64_t count = 1;
};

/// Somebody who waits for an object.
struct waiting {
    int process = 0;
    int thread = 0;
    std::string why; ///< "to pop", "to push", "to lock", …
    std::chrono::nanoseconds since{};
};

/// Something that processes share.
struct object {
    std::uint64_t id = 0;                       ///< the number of its memory: the same in every process, gone with it
    std::string kind;                           ///< "queue", "channel", "mutex", "semaphore", …
    std::string name;                           ///< what its maker called it; empty for most
    std::vector<int> users;                     ///< processes that have a handle on it, of whatever program
    std::map<std::string, std::uint64_t> facts; ///< numbers that depend on the kind: "items", "bytes", "permits", …
    std::vector<holding> holders;
    std::vector<waiting> waiters;
};

/// A wait that is for no object.
struct other_wait {
    waiting who;
    int for_process = 0; ///< whose end is waited for; 0: several things at once
};

/// Threads that wait for one another, so that none of them can go on by itself. (A wait with a time limit or a stop
/// ends all the same.)
struct deadlock {
    struct step {
        int process = 0;
        int thread = 0;
        std::uint64_t object = 0; ///< what it waits for; 0: the end of a process
        std::vector<int> held_by; ///< processes
    };
    std::vector<step> steps;
};

struct program {
    int id = 0;
    std::string name;
    std::vector<process> processes; ///< the program itself first
    std::vector<object> objects;    ///< that any of them has a handle on
    std::vector<other_wait> other_waits;
    std::vector<deadlock> deadlocks;
    bool waits_hidden = false; ///< the system lets nobody see who waits
};

/// All programs of this user (of every user, for root) that use ruche just now. Throws: `os_error` without /proc.
[[nodiscard]] std::vector<program> programs();

/// The program that a process belongs to. Throws: `std::invalid_argument` if it is none that uses ruche.
[[nodiscard]] program program_of(int process);

} // namespace ruche::inspect
