#include "send.hpp"

class one_way {
    int value_ = 0;

public:
    int get_state() const { return value_; }
};

int main() { send<one_way>(); }
// does not compile: one_way
// does not compile: nothing to take it back
// does not compile: set_state
