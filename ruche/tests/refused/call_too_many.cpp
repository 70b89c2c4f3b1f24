#include <ruche/process.hpp>

void show(int) {}

int main() { ruche::process p(show, 1, 2); }
// does not compile: there are more arguments than the function has parameters
