// A queue in a Boost.Asio program: its descriptor is given to a stream_descriptor, which waits, and never reads.
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <iostream>
#include <string>

void greet(ruche::queue<std::string> out)
{
    for (auto name : {"Ann", "Bob"})
        out.push(std::string("hello ") + name);
    out.close();
}

int main()
{
    ruche::queue<std::string> greetings;
    ruche::process worker(greet, greetings);

    boost::asio::io_context loop;
    boost::asio::posix::stream_descriptor readable(loop, greetings.native_handle());
    std::function<void()> wait = [&] {
        readable.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [&](const boost::system::error_code& error) {
                                if (error)
                                    return;
                                while (auto greeting = greetings.try_pop())
                                    std::cout << *greeting << '\n';
                                if (!greetings.is_closed() || !greetings.empty())
                                    wait();
                            });
    };
    wait();
    loop.run();
    (void)readable.release(); // it belongs to the queue
}
// prints: hello Ann
// prints: hello Bob
