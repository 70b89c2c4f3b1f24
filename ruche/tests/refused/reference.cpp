#include "send.hpp"

struct refers {
    int& value;
};

int main() { send<refers>(); }
// does not compile: refers
// does not compile: a reference
// does not compile: std::shared_ptr
