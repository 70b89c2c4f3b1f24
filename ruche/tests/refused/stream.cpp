#include "send.hpp"

#include <fstream>

struct job {
    std::string name;
    std::ofstream log;
};
struct batch {
    std::vector<job> jobs;
};

int main() { send<batch>(); }
// does not compile: argument 1: batch.jobs[].log
// does not compile: ofstream
// does not compile: give job get_state() and set_state()
