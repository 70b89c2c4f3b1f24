#include "send.hpp"

struct places {
    std::map<const int*, int> by_pointer;
};

int main() { send<places>(); }
// does not compile: places.by_pointer[key]
// does not compile: a pointer means nothing
