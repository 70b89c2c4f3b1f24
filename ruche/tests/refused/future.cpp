#include "send.hpp"

#include <future>

struct waits {
    std::future<int> answer;
};

int main() { send<waits>(); }
// does not compile: waits.answer
// does not compile: future
// does not compile: ruche::async
