#include "wire_random.hpp"
#include "wire_testing.hpp"

using wire_testing::bytes_of;
using wire_testing::sent;

namespace {

/// Every value comes back: what is encoded again from what was decoded is the same to the byte.
template <class T>
void comes_back()
{
    wire_random::generator random(ruche::fingerprint<T>);
    for (int i = 0; i != 30; ++i) {
        const T value = random.make<T>();
        const auto bytes = bytes_of(value);
        ASSERT_EQ(bytes_of(sent(value)), bytes) << ruche::wire::type_name<T>();
    }
}

template <class... Ts>
void all_come_back(ruche::wire::types<Ts...>)
{
    (comes_back<Ts>(), ...);
}

/// Each kind around each kind around `Inner`.
template <class... Outer>
void layers_come_back(ruche::wire::types<Outer...>)
{
    (all_come_back(wire_random::layers<Outer>{}), ...);
}

} // namespace

TEST(wire_property, numbers_come_back)
{
    all_come_back(ruche::wire::types<bool, char, signed char, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                                     std::uint32_t, std::int64_t, std::uint64_t, float, double, long double, wchar_t,
                                     char16_t, wire_random::colour, std::complex<float>>{});
}

TEST(wire_property, containers_come_back)
{
    all_come_back(
        ruche::wire::types<std::vector<bool>, std::vector<double>, std::deque<std::string>, std::forward_list<int>,
                           std::set<std::string>, std::multimap<int, std::string>, std::bitset<29>,
                           std::vector<std::chrono::nanoseconds>, std::vector<std::filesystem::path>,
                           std::vector<std::error_code>, std::optional<std::chrono::system_clock::time_point>>{});
}

TEST(wire_property, records_and_graphs_come_back)
{
    all_come_back(
        ruche::wire::types<wire_random::record, wire_random::derived, wire_random::tree, wire_random::node>{});
}

TEST(wire_property, everything_in_everything_comes_back) { layers_come_back(wire_random::layers<std::string>{}); }

TEST(wire_property, records_in_everything_come_back)
{
    all_come_back(wire_random::layers<wire_random::record>{});
    all_come_back(wire_random::layers<wire_random::tree>{});
    all_come_back(wire_random::layers<wire_random::node>{});
}
