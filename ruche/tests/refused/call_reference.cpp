#include <ruche/async.hpp>

void fill(int& into) { into = 3; }

int main()
{
    int number = 0;
    ruche::async(fill, number).get();
}
// does not compile: a parameter is a reference that is not const
