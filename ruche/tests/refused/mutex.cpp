#include "send.hpp"

#include <mutex>

struct guarded {
    int value;
    std::mutex lock;
};

int main() { send<guarded>(); }
// does not compile: guarded.lock
// does not compile: std::mutex
// does not compile: ruche::mutex
