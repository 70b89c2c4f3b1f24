// Which paths ask for no memory.

#include "memory_watch.hpp"
#include "wire_random.hpp"

#include <ruche/queue.hpp>
#include <ruche/wire.hpp>

#include <gtest/gtest.h>

namespace {

template <class Action>
std::size_t requests_of(Action action)
{
    action(); // warm
    requests = 0;
    action();
    return requests;
}

struct flat {
    int number;
    float part;
};

} // namespace

TEST(wire_memory, encoding_into_a_warm_sink_asks_for_none)
{
    wire_random::generator random(1);
    const auto records = random.make<std::vector<wire_random::record>>();
    const std::map<std::string, std::vector<std::optional<double>>> map{{"a", {1, {}}},
                                                                        {"a longer name than short", {}}};
    const std::variant<int, std::string> variant(std::string(100, 'v'));
    ruche::sink message;
    EXPECT_EQ(requests_of([&] {
                  message.clear();
                  ruche::encode(message, records);
                  ruche::encode(message, map);
                  ruche::encode(message, variant);
              }),
              0U);
}

TEST(wire_memory, decoding_what_owns_nothing_asks_for_none)
{
    ruche::sink message;
    ruche::encode(message, std::tuple(1, flat{2, 3}, std::array{1.0, 2.0}, std::optional(4), std::string("short")));
    EXPECT_EQ(requests_of([&] {
                  ruche::source in(message.bytes());
                  (void)ruche::decode<std::tuple<int, flat, std::array<double, 2>, std::optional<int>, std::string>>(
                      in);
                  in.finish();
              }),
              0U);
}

TEST(wire_memory, a_push_and_a_pop_of_plain_values_ask_for_none)
{
    ruche::queue<flat> items;
    EXPECT_EQ(requests_of([&] {
                  items.push({1, 2});
                  (void)items.pop();
              }),
              0U);
}

TEST(wire_memory, a_push_and_a_pop_of_a_short_text_ask_for_none)
{
    ruche::queue<std::string> items;
    EXPECT_EQ(requests_of([&] {
                  items.push("short");
                  (void)items.pop();
              }),
              0U);
}
