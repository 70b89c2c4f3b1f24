#include <ruche/actor.hpp>

struct store {};
struct shop {
    void open() {}
};

int main()
{
    ruche::actor<store> s;
    s.call<&shop::open>();
}
// does not compile: a member function of another class than the actor's
