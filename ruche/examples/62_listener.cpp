// Two programs that nobody has started together meet under a name. (Here one of them is a process of the other, which
// is told the name and nothing else.)
#include <ruche/listener.hpp>
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <iostream>
#include <string>

#include <unistd.h>

using question = std::string;
using answer = ruche::queue<std::string>; // handles can be passed

void ask(std::string name)
{
    auto line = ruche::connect<question, answer>(name);
    line.send("what is new?");
    answer news = line.receive().value();
    for (const auto& item : news)
        std::cout << item << '\n';
}

int main()
{
    const std::string name = "example-" + std::to_string(::getpid());
    ruche::listener<answer, question> door(name);
    ruche::process guest(ask, name);

    auto line = door.accept().value();
    std::cout << line.receive().value() << std::endl;
    ruche::queue<std::string> news;
    line.send(news);
    news.push("all well");
    news.close();
}
// prints: what is new?
// prints: all well
