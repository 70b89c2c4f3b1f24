#include <ruche/process.hpp>

#include <fstream>

struct logger {
    std::ofstream log;
    void operator()() const {}
};

int main()
{
    logger one;
    ruche::process p(one);
}
// does not compile: the callable
// does not compile: log
