#include <ruche/actor.hpp>

struct store {
    void set(int, int) {}
};

int main()
{
    ruche::actor<store> s;
    s.call<&store::set>(1);
}
// does not compile: fewer arguments than the member function has parameters
