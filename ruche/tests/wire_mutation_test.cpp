#include "memory_watch.hpp"
#include "wire_random.hpp"
#include "wire_testing.hpp"

#include <ruche/detail/packed_message.hpp>

#include <algorithm>
#include <cstdlib>

namespace {

using bytes = std::vector<std::byte>;

/// Damages a message in one of the ways in which messages are damaged, by accident or on purpose.
void damage(bytes& message, wire_random::generator& random)
{
    if (message.empty()) {
        message.push_back(static_cast<std::byte>(random.below(256)));
        return;
    }
    const auto at = message.begin() + static_cast<std::ptrdiff_t>(random.below(message.size()));
    const auto left = static_cast<std::uint64_t>(message.end() - at);
    switch (random.below(7)) {
    case 0:
        *at ^= static_cast<std::byte>(1u << random.below(8));
        break;
    case 1:
        *at = static_cast<std::byte>(random.below(256));
        break;
    case 2: // a count or an index out of its bounds
        for (auto i = std::min<std::uint64_t>(left, 4); i != 0; --i)
            at[static_cast<std::ptrdiff_t>(i - 1)] = std::byte{0xff};
        break;
    case 3:
        *at = static_cast<std::byte>(static_cast<unsigned>(*at) + 1);
        break;
    case 4:
        message.erase(at, message.end());
        break;
    case 5:
        message.insert(at, random.below(9), static_cast<std::byte>(random.below(3)));
        break;
    default:
        message.erase(at, at + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(left, 1 + random.below(8))));
    }
}

constexpr std::size_t memory_limit = std::size_t{1} << 16;

/// A damaged message is refused, or it is a message; it never breaks anything, and never asks for much.
template <class T>
void survives(std::uint64_t times)
{
    wire_random::generator random(ruche::fingerprint<T>);
    ruche::limits little;
    little.memory = memory_limit;
    for (std::uint64_t i = 0; i != times; ++i) {
        bytes message = wire_testing::bytes_of(random.make<T>());
        for (auto changes = 1 + random.below(3); changes != 0; --changes)
            damage(message, random);
        largest_request = 0;
        ruche::source in(message, {}, little);
        try {
            const T value = ruche::decode<T>(in);
            in.finish();
            ASSERT_LE(largest_request, memory_limit + 64 * message.size());
            (void)wire_testing::bytes_of(value);
        } catch (const ruche::bad_message& error) {
            ASSERT_LE(error.offset(), message.size());
            ASSERT_LE(largest_request, memory_limit + 64 * message.size());
        }
        in.abandon(); // a damaged graph may have cycles that nobody else would open
    }
}

// RUCHE_LONG=1 makes it ten million in all.
std::uint64_t tries()
{
    return std::getenv("RUCHE_LONG") != nullptr ? 2'500'000 : 25'000; // NOLINT(concurrency-mt-unsafe)
}

template <class... Ts>
void all_survive(ruche::wire::types<Ts...>)
{
    (survives<Ts>(tries() / sizeof...(Ts)), ...);
}

} // namespace

TEST(wire_mutation, damaged_containers_do_no_harm)
{
    all_survive(
        ruche::wire::types<std::vector<double>, std::vector<std::string>, std::vector<bool>, std::set<std::string>,
                           std::map<std::string, std::vector<int>>, std::forward_list<std::string>, std::bitset<13>,
                           std::deque<std::optional<std::string>>, std::vector<std::monostate>>{});
}

TEST(wire_mutation, damaged_records_do_no_harm)
{
    all_survive(
        ruche::wire::types<wire_random::record, wire_random::derived, std::vector<wire_random::record>,
                           wire_random::tree, std::variant<wire_random::record, std::string, std::vector<int>>>{});
}

TEST(wire_mutation, damaged_graphs_do_no_harm)
{
    all_survive(ruche::wire::types<wire_random::node, std::vector<std::shared_ptr<wire_random::node>>,
                                   std::pair<std::shared_ptr<int>, std::shared_ptr<std::string>>>{});
}

TEST(wire_mutation, damaged_layers_do_no_harm)
{
    all_survive(wire_random::layers<std::string>{});
    all_survive(wire_random::layers<wire_random::record>{});
}

TEST(wire_mutation, damaged_messages_in_parts_do_no_harm)
{
    using frame = std::tuple<std::string, std::vector<double>, std::map<std::string, std::string>>;
    const frame value("name", std::vector<double>(10'000, 1.5), {{"large", std::string(70'000, 'x')}, {"small", "y"}});
    ruche::sink out;
    const ruche::wire::borrowing large(out, true);
    ruche::encode(out, value);
    ASSERT_EQ(out.borrowed().size(), 2u);
    bytes whole(ruche::detail::packed_size({out.bytes(), out.borrowed()}));
    ruche::detail::pack({out.bytes(), out.borrowed()}, whole.data());
    const std::size_t front = 64 + out.size(); // the table and the rest, which is where damage can do harm
    wire_random::generator random(1);
    std::uint64_t refused = 0;
    for (std::uint64_t i = 0; i != tries() / 20; ++i) {
        bytes damaged(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(front));
        for (auto changes = 1 + random.below(3); changes != 0; --changes)
            damage(damaged, random);
        damaged.insert(damaged.end(), whole.begin() + static_cast<std::ptrdiff_t>(front), whole.end());
        largest_request = 0;
        try {
            const ruche::detail::packed_message message(damaged);
            ruche::source in(message.bytes());
            in.lend(message.apart());
            (void)ruche::decode<frame>(in);
            in.finish();
        } catch (const ruche::bad_message&) {
            ++refused;
        }
        ASSERT_LE(largest_request, 2 * damaged.size());
    }
    EXPECT_GT(refused, tries() / 40);
}
