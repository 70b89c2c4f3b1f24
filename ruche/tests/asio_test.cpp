#include <ruche/asio.hpp>
#include <ruche/async.hpp>

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>
#include <thread>

namespace {

int square(int n) { return n * n; }
int fails() { throw std::out_of_range("too far"); }

boost::asio::awaitable<int> add_squares(int a, int b)
{
    const int first = co_await ruche::async_get(ruche::async(square, a), boost::asio::use_awaitable);
    const int second = co_await ruche::async_get(ruche::async(square, b), boost::asio::use_awaitable);
    co_return first + second;
}

} // namespace

TEST(asio, a_coroutine_of_an_event_loop_awaits_futures_in_its_own_thread)
{
    boost::asio::io_context loop;
    int sum = 0;
    std::thread::id thread;
    boost::asio::co_spawn(
        loop,
        [&]() -> boost::asio::awaitable<void> {
            sum = co_await add_squares(3, 4);
            thread = std::this_thread::get_id();
        },
        boost::asio::detached);
    loop.run();
    EXPECT_EQ(sum, 25);
    EXPECT_EQ(thread, std::this_thread::get_id());
}

TEST(asio, a_handler_gets_the_error)
{
    boost::asio::io_context loop;
    std::exception_ptr arrived;
    boost::asio::post(loop, [&] {
        ruche::async_get(ruche::async(fails),
                         boost::asio::bind_executor(loop, [&](std::exception_ptr error, int) { arrived = error; }));
    });
    loop.run();
    ASSERT_NE(arrived, nullptr);
    EXPECT_THROW(std::rethrow_exception(arrived), std::out_of_range);
}
