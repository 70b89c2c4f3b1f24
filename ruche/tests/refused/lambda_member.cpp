#include "send.hpp"

template <class Task>
struct holds {
    Task task;
};
const int number = 3;
const auto captures = [number = number] { return number; };

int main() { send<holds<std::remove_cv_t<decltype(captures)>>>(); }
// does not compile: .task
// does not compile: a lambda hides its captures
