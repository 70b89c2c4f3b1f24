#include "send.hpp"

struct numbers {
    std::span<const int> all;
};

int main() { send<numbers>(); }
// does not compile: numbers.all
// does not compile: std::span
// does not compile: std::vector
