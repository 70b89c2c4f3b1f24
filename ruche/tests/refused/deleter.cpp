#include "send.hpp"

struct closer {
    void operator()(int* pointer) const { delete pointer; }
};
struct handle {
    std::unique_ptr<int, closer> owned;
};

int main() { send<handle>(); }
// does not compile: handle.owned
// does not compile: deleter
// does not compile: get_state
