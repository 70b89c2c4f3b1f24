#include <ruche/actor.hpp>

struct job {
    int* place;
};
struct worker {
    void take(job) {}
};

int main()
{
    ruche::actor<worker> w;
    w.tell<&worker::take>(job{});
}
// does not compile: a parameter of the member function
// does not compile: job.place
