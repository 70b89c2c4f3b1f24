#include <ruche/async.hpp>

#include <iostream>

int square(int n) { return n * n; }

int main() { std::cout << ruche::async(square, 12).get() << '\n'; }
