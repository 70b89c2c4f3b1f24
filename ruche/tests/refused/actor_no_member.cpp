#include <ruche/actor.hpp>

struct store {};
void show(store) {}

int main()
{
    ruche::actor<store> s;
    s.call<&show>();
}
// does not compile: an actor is called by its member functions
