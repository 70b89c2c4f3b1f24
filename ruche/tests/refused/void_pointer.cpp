#include "send.hpp"

struct opaque {
    void* handle;
};

int main() { send<opaque>(); }
// does not compile: opaque.handle
// does not compile: void
// does not compile: get_state
