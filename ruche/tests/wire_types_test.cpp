#include "wire_testing.hpp"

#include <ruche/queue.hpp>
#include <ruche/shared.hpp>
#include <ruche/sync.hpp>

#include <complex>
#include <cstdlib>
#include <deque>
#include <exception>
#include <filesystem>
#include <forward_list>
#include <fstream>
#include <iterator>
#include <list>
#include <map>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <variant>

// The table of what can be sent, docs/wire-types.md, is made from what is sent here: a default-made value of each, and
// what the library says of its type. RUCHE_UPDATE=1 writes the table anew.

namespace {

enum class colour : std::uint8_t { red };
struct record {
    int number{};
    std::string text;
};

class with_state {
public:
    std::string get_state() const { return text_; }
    static with_state set_state(std::string text)
    {
        with_state made;
        made.text_ = std::move(text);
        return made;
    }

private:
    std::string text_;
};
class with_fields {
    int number_ = 0;

public:
    static constexpr std::tuple fields{&with_fields::number_};
};
struct evolving {
    using evolves = ruche::by_name;
    int number{};
};

class table {
public:
    template <class T>
    void row(const std::string& name)
    {
        ruche::sink message;
        ruche::encode(message, T());
        std::vector<ruche::fd> beside;
        for (const auto& descriptor : message.descriptors())
            beside.push_back(descriptor->duplicate());
        ruche::source in(message.bytes(), std::move(beside));
        (void)ruche::decode<T>(in);
        in.finish();
        text_ << "| `" << name << "` | " << ruche::wire::form<T>::least
              << (ruche::wire::form<T>::fixed ? "" : " and more") << " | " << (ruche::portable<T> ? "yes" : "") << " | "
              << (ruche::carries_handles<T> ? "yes" : "") << " |\n";
    }
    void part(const std::string& name)
    {
        text_ << "\n## " << name << "\n\n| type | bytes | portable | descriptors |\n|---|---|---|---|\n";
    }
    void note(const std::string& words) { text_ << '\n' << words << '\n'; }
    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_{
        "# What can be sent\n\nMade by `ruche/tests/wire_types_test.cpp`, which sends a value of each. "
        "*Portable* is what other builds and machines\nread alike (`ruche::portable`). The forms on the "
        "wire are in `formats/wire.md`.\n",
        std::ios::ate};
};

void numbers(table& t)
{
    t.part("Numbers");
    t.row<bool>("bool");
    t.row<char>("char");
    t.row<std::byte>("std::byte");
    t.row<std::int8_t>("std::int8_t");
    t.row<std::uint16_t>("std::uint16_t");
    t.row<int>("int");
    t.row<long>("long");
    t.row<long long>("long long");
    t.row<float>("float");
    t.row<double>("double");
    t.row<long double>("long double");
    t.row<wchar_t>("wchar_t");
    t.row<char8_t>("char8_t");
    t.row<char16_t>("char16_t");
    t.row<char32_t>("char32_t");
    t.row<colour>("enum class colour : std::uint8_t");
    t.row<std::complex<double>>("std::complex<double>");
}

void containers(table& t)
{
    t.part("Strings and containers");
    t.row<std::string>("std::string");
    t.row<std::u16string>("std::u16string");
    t.row<std::wstring>("std::wstring");
    t.row<std::vector<int>>("std::vector<int>");
    t.row<std::vector<bool>>("std::vector<bool>");
    t.row<std::vector<std::string>>("std::vector<std::string>");
    t.row<std::deque<int>>("std::deque<int>");
    t.row<std::list<int>>("std::list<int>");
    t.row<std::forward_list<int>>("std::forward_list<int>");
    t.row<std::array<int, 3>>("std::array<int, 3>");
    t.row<std::valarray<double>>("std::valarray<double>");
    t.row<std::bitset<20>>("std::bitset<20>");
    t.row<std::set<int>>("std::set<int>");
    t.row<std::multiset<int>>("std::multiset<int>");
    t.row<std::unordered_set<int>>("std::unordered_set<int>");
    t.row<std::unordered_multiset<int>>("std::unordered_multiset<int>");
    t.row<std::map<int, std::string>>("std::map<int, std::string>");
    t.row<std::multimap<int, int>>("std::multimap<int, int>");
    t.row<std::unordered_map<int, int>>("std::unordered_map<int, int>");
    t.row<std::unordered_multimap<int, int>>("std::unordered_multimap<int, int>");
    t.row<std::stack<int>>("std::stack<int>");
    t.row<std::queue<int>>("std::queue<int>");
    t.row<std::priority_queue<int>>("std::priority_queue<int>");
}

void compounds(table& t)
{
    t.part("Compounds and owners");
    t.row<std::pair<int, bool>>("std::pair<int, bool>");
    t.row<std::tuple<int, std::string>>("std::tuple<int, std::string>");
    t.row<std::optional<int>>("std::optional<int>");
    t.row<std::variant<int, std::string>>("std::variant<int, std::string>");
    t.row<std::monostate>("std::monostate");
    t.row<std::unique_ptr<int>>("std::unique_ptr<int>");
    t.row<std::shared_ptr<int>>("std::shared_ptr<int>");
    t.row<std::weak_ptr<int>>("std::weak_ptr<int>");
}

void times_and_others(table& t)
{
    using namespace std::chrono;
    t.part("Times and others");
    t.row<std::chrono::seconds>("std::chrono::seconds");
    t.row<duration<double>>("std::chrono::duration<double>");
    t.row<system_clock::time_point>("std::chrono::system_clock::time_point");
    t.row<steady_clock::time_point>("std::chrono::steady_clock::time_point");
    t.row<year_month_day>("std::chrono::year_month_day");
    t.row<weekday>("std::chrono::weekday");
    t.row<hh_mm_ss<std::chrono::seconds>>("std::chrono::hh_mm_ss<std::chrono::seconds>");
    t.row<std::filesystem::path>("std::filesystem::path");
    t.row<std::error_code>("std::error_code");
    t.row<std::error_condition>("std::error_condition");
    t.row<std::exception_ptr>("std::exception_ptr");
    t.row<ruche::fd>("ruche::fd");
}

void handles(table& t)
{
    t.part("Handles");
    t.row<ruche::stop_token>("ruche::stop_token");
    t.row<ruche::stop_source>("ruche::stop_source");
    t.row<ruche::queue<int>>("ruche::queue<int>");
    t.row<ruche::mutex>("ruche::mutex");
    t.row<ruche::shared_mutex>("ruche::shared_mutex");
    t.row<ruche::condition_variable>("ruche::condition_variable");
    t.row<ruche::event>("ruche::event");
    t.row<ruche::once_flag>("ruche::once_flag");
    t.row<ruche::shared<int>>("ruche::shared<int>");
    t.row<ruche::synchronized<int>>("ruche::synchronized<int>");
    t.note("So do `ruche::counting_semaphore`, `latch`, `barrier`, `shared_array` and `shared_memory`, which have no "
           "default to make a row from, and an end of a `ruche::channel`, which is the receiver's from then on "
           "(`ruche/tests/wire_handles_test.cpp`).");
}

void own(table& t)
{
    t.part("One's own");
    t.row<record>("struct record { int number; std::string text; }");
    t.row<with_state>("a class with get_state and set_state, here of a std::string");
    t.row<with_fields>("a class with fields, here of an int");
    t.row<evolving>("a struct with using evolves = ruche::by_name");
    t.row<std::less<>>("a class without members");
}

} // namespace

TEST(wire_types, the_table_is_what_the_library_does)
{
    table t;
    numbers(t);
    containers(t);
    compounds(t);
    times_and_others(t);
    handles(t);
    own(t);
    if (std::getenv("RUCHE_UPDATE") != nullptr) // NOLINT(concurrency-mt-unsafe)
        std::ofstream(TABLE) << t.text();
    std::ifstream file(TABLE);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), t.text());
}
