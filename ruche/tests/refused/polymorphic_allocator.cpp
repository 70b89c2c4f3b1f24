#include "send.hpp"

#include <memory_resource>

struct pooled {
    std::pmr::vector<int> values;
};

int main() { send<pooled>(); }
// does not compile: pooled.values
// does not compile: allocator
