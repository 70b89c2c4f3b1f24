#include "send.hpp"

struct callback {
    void (*done)(int);
};

int main() { send<callback>(); }
// does not compile: callback.done
// does not compile: function pointer
