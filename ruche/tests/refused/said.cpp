#include "send.hpp"

struct license {
    using not_sendable = ruche::because<"holds a licence of this process">;
    int number;
};
struct holder {
    std::vector<license> all;
};

int main() { send<holder>(); }
// does not compile: holder.all[]
// does not compile: license
// does not compile: holds a licence of this process
