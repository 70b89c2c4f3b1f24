#include "send.hpp"

union either {
    int number;
    float real;
};
struct holds_either {
    either which;
};

int main() { send<holds_either>(); }
// does not compile: holds_either.which
// does not compile: union
// does not compile: std::variant
