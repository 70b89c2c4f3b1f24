#include "send.hpp"

#include <mutex>
#include <string>

struct base {
    std::string name;
};
struct derived : base {
    int number;
    std::mutex lock;
};

int main() { send<derived>(); }
// does not compile: argument 1: derived.<member 2>: std::mutex cannot be sent
// does not compile: use ruche::mutex, or give derived get_state()
