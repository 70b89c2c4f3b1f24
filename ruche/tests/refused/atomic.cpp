#include "send.hpp"

#include <atomic>

struct counter {
    std::atomic<int> value;
};

int main() { send<counter>(); }
// does not compile: counter.value
// does not compile: atomic
// does not compile: ruche::shared
