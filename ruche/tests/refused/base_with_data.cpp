#include "send.hpp"

struct base {
    int in_base;
};
struct derived : base {
    int in_derived;
};

int main() { send<derived>(); }
// does not compile: derived
// does not compile: a base has members
// does not compile: fields
