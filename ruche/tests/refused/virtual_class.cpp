#include "send.hpp"

struct shape {
    virtual ~shape() = default;
    int sides = 0;
};

int main() { send<std::vector<shape>>(); }
// does not compile: []
// does not compile: shape
// does not compile: virtual functions
// does not compile: fields
