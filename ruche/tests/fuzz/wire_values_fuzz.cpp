#include "fuzz.hpp"

#include <complex>
#include <deque>
#include <filesystem>
#include <forward_list>
#include <map>
#include <set>
#include <stack>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

enum class colour : std::uint8_t { red, green };
struct record {
    std::int32_t number;
    bool truth;
    std::string text;
    std::optional<double> maybe;
    std::uint16_t pair[2];
};
struct evolving {
    using evolves = ruche::by_name;
    std::string name;
    std::vector<int> numbers;
};

using values = ruche::wire::types<
    std::string, std::u16string, std::vector<double>, std::vector<bool>, std::vector<std::string>, std::bitset<13>,
    std::map<std::string, std::vector<std::uint8_t>>, std::unordered_map<std::int16_t, std::string>,
    std::set<std::vector<bool>>, std::deque<std::pair<bool, std::string>>, std::forward_list<std::u32string>,
    std::variant<std::monostate, bool, std::string, std::vector<std::int64_t>>, std::optional<std::array<bool, 3>>,
    std::tuple<bool, long double, wchar_t>, std::vector<record>, std::vector<evolving>, std::vector<std::monostate>,
    std::stack<std::filesystem::path>, std::vector<std::complex<float>>, std::vector<colour>, std::error_code,
    std::chrono::year_month_day, std::chrono::year_month_weekday_last>;

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    return wire_fuzz::try_one_of(values{}, data, size);
}
