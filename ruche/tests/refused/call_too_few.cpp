#include <ruche/async.hpp>

int sum(int a, int b) { return a + b; }

int main() { return ruche::async(sum, 1).get(); }
// does not compile: there are fewer arguments than the function has parameters
