#include "send.hpp"

#include <any>

struct base {
    int in_base;
};
struct derived : base {
    int in_derived;
    std::any takes_everything; // so that nobody can tell what it is
};

int main() { send<derived>(); }
// does not compile: argument 1: derived cannot be sent
// does not compile: it has members besides those of its bases
// does not compile: fields
