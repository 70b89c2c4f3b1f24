#include <ruche/process.hpp>

#include <string>

int main()
{
    ruche::process p([](auto number) -> decltype(number / 2) { return number / 2; }, std::string("text"));
}
// does not compile: the callable does not take these arguments
