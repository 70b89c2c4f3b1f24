#include "send.hpp"

struct named {
    std::string_view name;
};

int main() { send<named>(); }
// does not compile: named.name
// does not compile: std::string_view
// does not compile: std::string
