// Two ends that talk: typed, or bytes as they are. Notice: the other end's death is the end of the messages.
#include <ruche/channel.hpp>
#include <ruche/process.hpp>

#include <csignal>
#include <iostream>
#include <span>
#include <string>

void measure(ruche::channel<std::size_t, std::string> line)
{
    while (auto word = line.receive()) {
        if (*word == "die")
            std::raise(SIGKILL);
        line.send(word->size());
    }
}

int main()
{
    auto [here, there] = ruche::make_channel<std::string, std::size_t>();
    ruche::process p(measure, std::move(there));
    here.send("honey");
    std::cout << here.receive().value() << '\n';
    here.send("die");
    std::cout << (here.receive() ? "still there" : "gone") << '\n';

    auto [tx, rx] = ruche::make_channel<ruche::raw, ruche::raw>();
    const unsigned char frame[] = {0x7E, 0x01, 0x7E};
    tx.send(std::as_bytes(std::span(frame)));
    std::cout << rx.receive()->size() << " bytes\n";
}
// prints: 5
// prints: gone
// prints: 3 bytes
