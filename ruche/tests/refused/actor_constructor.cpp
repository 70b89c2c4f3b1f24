#include <ruche/actor.hpp>

#include <string>

struct store {
    explicit store(std::string) {}
};

int main() { ruche::actor<store> s(1, 2); }
// does not compile: the class has no constructor that takes these arguments
