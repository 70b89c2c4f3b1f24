// Who dies is started again; what it had leased is not lost; and a hopeless one is given up on.
#include <ruche/queue.hpp>
#include <ruche/supervisor.hpp>

#include <csignal>
#include <iostream>
#include <string>

using words = ruche::queue<std::string>;

void parse(ruche::stop_token stop, words in, words out)
{
    while (auto item = in.pop_lease(stop)) {
        if (item->value() == "poison" && item->deliveries() == 1)
            std::raise(SIGKILL);
        out.push(item->value() + ", delivered " + std::to_string(item->deliveries()) + " times");
        item->done();
    }
}

void hopeless() { throw std::runtime_error("no luck"); }

void tell(const ruche::supervisor_event& event)
{
    using kind = ruche::supervisor_event::kind;
    if (event.what == kind::ended)
        std::cout << event.child << ": " << *event.status << '\n';
    if (event.what == kind::restarted)
        std::cout << event.child << " is back\n";
}

int main()
{
    words in, out;
    in.push("poison");
    {
        ruche::supervisor family({.on_event = tell});
        family.add("parser", parse, in, out);
        const auto answer = out.pop();
        family.stop(); // asks, waits, insists: bounded
        std::cout << *answer << '\n';
    }

    ruche::supervisor strict({.max_errors = 1, .on_event = [](const ruche::supervisor_event&) {}});
    strict.add("hopeless", hopeless);
    try {
        strict.wait();
    } catch (const ruche::too_many_restarts& error) {
        std::cout << error.what() << '\n';
    }
}
// prints: parser: killed by signal 9 (Killed)
// prints: parser is back
// prints: poison, delivered 2 times
// prints: 'hopeless' has died too often and was given up
