#include <ruche/process.hpp>

struct report {
    void print() {}
};

int main() { ruche::process p(&report::print, report{}); }
// does not compile: write ruche::fn<&type::function>
