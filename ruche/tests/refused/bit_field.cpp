#include "send.hpp"

#include <vector>

struct packet {
    int kind : 3;
    int size : 29;
};
struct capture {
    std::vector<packet> packets;
};

int main() { send<capture>(); }
// does not compile: argument 1: capture.packets[]: packet cannot be sent
// does not compile: a bit-field has no address
// does not compile: get_state()
