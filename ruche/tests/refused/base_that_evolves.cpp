#include "send.hpp"

struct base {
    int in_base;
};
struct derived : base {
    using evolves = ruche::by_name; // and the names of these members can't be told
    int in_derived;
};

int main() { send<derived>(); }
// does not compile: argument 1: derived cannot be sent
// does not compile: it has members besides those of its bases
// does not compile: fields
