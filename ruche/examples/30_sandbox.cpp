// Work on data that nobody trusts, in a process that may compute and nothing else. Notice: the report names the call.
#include <ruche/async.hpp>
#include <ruche/sandbox.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>

long count_lines(std::string text) { return std::count(text.begin(), text.end(), '\n'); }
void steal() { std::ifstream("/etc/passwd"); }

int main()
{
    // What this machine can't give is done without, and told; leave the second argument away to insist.
    const auto walls = ruche::sandbox::compute({}, ruche::sandbox::support().missing());
    const ruche::process_options careful{.name = "parser", .sandbox = walls};

    std::cout << ruche::async(careful, count_lines, "one\ntwo\n").get() << '\n';

    ruche::process thief(careful, steal);
    std::cout << thief.join() << '\n';
}
// prints: 2
// prints: killed for calling openat(2), which its sandbox does not allow
