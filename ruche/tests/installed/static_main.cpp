#include <ruche/async.hpp>
#include <ruche/init.hpp>

#include <iostream>
#include <stdexcept>

int square(int n) { return n * n; }

// A program that is linked with -static: its main can't be diverted, so it hands over by itself.
int main(int argc, char** argv)
{
    ruche::init(argc, argv);
    std::cout << ruche::async(square, 12).get() << '\n';
    std::cout << ruche::async({.method = ruche::start_method::exec}, square, 13).get() << '\n';
    std::cout << ruche::async(ruche::forked, [&] { return argc + 195; }).get() << '\n';
    try {
        ruche::async([] { throw std::out_of_range("thrown there"); }).get();
    } catch (const std::out_of_range& error) {
        std::cout << error.what() << '\n';
    }
}
