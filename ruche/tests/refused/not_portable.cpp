#include <ruche/wire.hpp>

struct precise {
    std::vector<long double> values;
};

int main() { ruche::check_portable<precise, "items of news">(); }
// does not compile: items of news: precise.values[]: long double
// does not compile: is not the same in another build
