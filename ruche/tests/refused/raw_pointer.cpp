#include "send.hpp"

struct linked {
    int value;
    linked* next;
};

int main() { send<linked>(); }
// does not compile: linked.next
// does not compile: linked
// does not compile: std::unique_ptr
