#include "send.hpp"

#include <functional>

struct event {
    std::function<void()> then;
};

int main() { send<event>(); }
// does not compile: event.then
// does not compile: std::function
// does not compile: operator()
