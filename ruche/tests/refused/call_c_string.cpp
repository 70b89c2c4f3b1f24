#include <ruche/process.hpp>

int length(const char* text);

int main() { ruche::process p(length, "four"); }
// does not compile: a parameter is a const char*
// does not compile: std::string
