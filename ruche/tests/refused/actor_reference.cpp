#include <ruche/actor.hpp>

struct meter {
    void read(int& into) { into = 1; }
};

int main()
{
    ruche::actor<meter> m;
    int value = 0;
    m.call<&meter::read>(value);
}
// does not compile: a parameter is a reference that is not const
// does not compile: return the result
