#include "send.hpp"

const int captured = 3;
const auto task = [captured = captured] { return captured; };

int main() { send<std::remove_cv_t<decltype(task)>>(); }
// does not compile: argument 1
// does not compile: a lambda hides its captures
// does not compile: operator()
