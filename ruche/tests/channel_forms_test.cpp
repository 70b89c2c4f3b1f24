#include <ruche/channel.hpp>

#include "helpers/forked.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using helpers::forked;

TEST(raw_channel, carries_bytes_as_they_are)
{
    auto [here, there] = ruche::make_channel<ruche::raw, ruche::raw>({.bytes = 4096, .large_bytes = 1 << 20});
    std::vector<std::byte> big(300'000);
    for (std::size_t i = 0; i < big.size(); ++i)
        big[i] = static_cast<std::byte>(i * 7);
    here.send(big);
    here.send({});
    here.send(std::as_bytes(std::span("abc", 3)));
    EXPECT_EQ(there.receive(), big);
    EXPECT_EQ(there.receive(), std::vector<std::byte>{});
    EXPECT_EQ(there.receive().value().size(), 3U);
    EXPECT_EQ(there.try_receive(), std::nullopt);
    EXPECT_THROW(here.send(std::vector<std::byte>(2 << 20)), ruche::too_large);
}

TEST(raw_channel, may_be_raw_one_way_and_typed_the_other)
{
    auto [here, there] = ruche::make_channel<ruche::raw, int>();
    here.send(std::as_bytes(std::span("abc", 3)));
    EXPECT_EQ(there.receive()->size(), 3U);
    there.send(7);
    EXPECT_EQ(here.receive(), 7);
}

TEST(raw_channel, a_killed_sender_leaves_whole_messages_only)
{
    for (int round = 0; round < 50; ++round) {
        auto [here, there] = ruche::make_channel<ruche::raw, ruche::raw>({.bytes = 8192, .large_bytes = 8192});
        forked sender([&, end = &there] {
            for (std::size_t size = 0;; size = (size + 97) % 2000)
                end->send(std::vector<std::byte>(size, static_cast<std::byte>(size)));
            return 0;
        });
        {
            ruche::sink message;
            ruche::encode(message, there);
            const auto gone = std::move(there);
        }
        std::size_t size = 0;
        for (int i = 0;; ++i) {
            const auto bytes = here.receive();
            if (!bytes)
                break;
            ASSERT_EQ(bytes->size(), size);
            ASSERT_EQ(std::count(bytes->begin(), bytes->end(), static_cast<std::byte>(size)),
                      static_cast<std::ptrdiff_t>(size));
            size = (size + 97) % 2000;
            if (i == round * 3)
                sender.kill();
        }
    }
}

TEST(channel_forms, all_of_them_end_when_they_should)
{
    auto [here, there] = ruche::make_channel<std::string, int>({.bytes = 4096, .large_bytes = 4096});
    ruche::stop_source source;
    const auto soon = [] { return std::chrono::steady_clock::now() + 1ms; };
    EXPECT_EQ(there.receive_until(soon()), std::nullopt);
    EXPECT_EQ(there.receive_until(soon(), source.get_token()), std::nullopt);
    EXPECT_EQ(there.receive_for(1ms, source.get_token()), std::nullopt);
    const std::string text(500, 'x');
    while (here.try_send(text))
        ;
    EXPECT_FALSE(here.send_until(text, soon()));
    EXPECT_FALSE(here.send_until(text, soon(), source.get_token()));
    EXPECT_FALSE(here.send_for(text, 1ms, source.get_token()));
    std::thread stopper([&] { source.request_stop(); });
    EXPECT_FALSE(here.send(text, source.get_token()));
    stopper.join();
    EXPECT_FALSE(here.send_for(text, 1h, source.get_token()));
    EXPECT_EQ(there.receive_for(1h, source.get_token()), std::nullopt); // a stop wins over what waits
    EXPECT_EQ(there.receive_until(soon()), text);
}
