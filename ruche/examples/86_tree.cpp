// A tree: a supervisor whose child is a supervisor, and an actor that comes back. kill -9 of a branch leaves nobody of
// it.
#include <ruche/actor.hpp>
#include <ruche/queue.hpp>
#include <ruche/supervisor.hpp>
#include <ruche/this_process.hpp>

#include <csignal>
#include <iostream>

class cache {
public:
    void fill(int value) { value_ = value; }
    int value() const { return value_; }
    void crash() { std::raise(SIGSEGV); }

private:
    int value_ = 0;
};

void leaf(ruche::stop_token stop, ruche::queue<int> ids)
{
    ids.push(ruche::this_process::id());
    (void)ruche::queue<int>().pop(stop);
}

void branch(ruche::stop_token stop, ruche::queue<int> ids)
{
    ruche::supervisor leaves({.strategy = ruche::restart_strategy::one_for_all});
    leaves.add("leaf", leaf, ids);
    leaves.run(stop);
}

int main()
{
    const auto silent = [](const ruche::supervisor_event&) {};
    ruche::queue<int> ids;
    ruche::supervisor root({.on_event = silent});
    root.add("branch", branch, ids);
    const int first = ids.pop().value();
    ::kill(root.children().front().id, SIGKILL); // the branch; its leaf ends with it
    std::cout << (ids.pop().value() != first ? "another leaf" : "the same?") << '\n';

    ruche::actor<cache> c(ruche::supervised(root, {.name = "cache"}));
    c.call<&cache::fill>(7);
    try {
        c.call<&cache::crash>();
    } catch (const ruche::process_died&) {
        std::cout << "the call failed\n";
    }
    std::cout << "a new object: " << c.call<&cache::value>() << '\n';
}
// prints: another leaf
// prints: the call failed
// prints: a new object: 0
