#include <ruche/actor.hpp>

struct store {
    int* cell() { return nullptr; }
};

int main()
{
    ruche::actor<store> s;
    (void)s.async<&store::cell>();
}
// does not compile: the result of the member function
