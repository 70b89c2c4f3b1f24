#include <ruche/process.hpp>

int main()
{
    int number = 3;
    ruche::process p([number] { (void)number; });
}
// does not compile: a lambda that captures can't be sent to another process
// does not compile: ruche::forked
