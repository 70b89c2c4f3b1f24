#include "send.hpp"

#include <any>

int main() { send<std::tuple<int, std::any>>(); }
// does not compile: .get<1>()
// does not compile: std::any
// does not compile: std::variant
