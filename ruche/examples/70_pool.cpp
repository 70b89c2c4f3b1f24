// A pool keeps its workers busy, whatever its tasks do: here one of them crashes, and costs nobody else anything.
#include <ruche/pool.hpp>

#include <csignal>
#include <iostream>
#include <numeric>
#include <vector>

int square(int n)
{
    if (n == 13)
        std::raise(SIGSEGV);
    return n * n;
}

int main()
{
    std::vector<int> numbers(20);
    std::iota(numbers.begin(), numbers.end(), 1);

    ruche::pool pool(2);
    auto squares = pool.map(square, numbers); // in order, made ahead of whoever looks
    int sum = 0;
    for (auto at = squares.begin(); at != squares.end(); ++at) {
        try {
            sum += *at;
        } catch (const ruche::process_died& death) {
            std::cout << "died of signal " << death.status().signal().value() << '\n';
        }
    }
    std::cout << sum << '\n';
}
// prints: died of signal 11
// prints: 2701
