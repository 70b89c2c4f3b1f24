#include "send.hpp"

#include <thread>

struct worker {
    std::thread runs;
};

int main() { send<worker>(); }
// does not compile: worker.runs
// does not compile: std::thread
// does not compile: get_state
