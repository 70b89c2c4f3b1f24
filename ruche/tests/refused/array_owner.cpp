#include "send.hpp"

struct buffer {
    std::unique_ptr<char[]> bytes;
};

int main() { send<buffer>(); }
// does not compile: buffer.bytes
// does not compile: std::vector
