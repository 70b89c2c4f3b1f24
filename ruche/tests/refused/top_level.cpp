#include <ruche/wire.hpp>

#include <fstream>

struct job {
    std::ofstream log;
};

int main()
{
    ruche::sink message;
    ruche::encode(message, job());
}
// does not compile: job.log
// does not compile: give job get_state() and set_state()
