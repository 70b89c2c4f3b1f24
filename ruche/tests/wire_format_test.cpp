#include "wire_testing.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace {

struct line {
    std::string article;
    std::uint16_t pieces{};
    bool operator==(const line&) const = default;
};

} // namespace

// Not in a namespace without a name: the name of the type is in the message.
struct order {
    std::uint32_t number{};
    std::vector<line> lines;
    std::optional<double> discount;
    bool operator==(const order&) const = default;
};

namespace {

const order example{7, {{"pen", 2}, {"ink", 1}}, 0.5};

/// The bytes of a fixture: two digits each; what follows a `#` is for people.
std::vector<std::byte> fixture(const std::string& name)
{
    std::ifstream file(std::string(FIXTURES) + "/" + name);
    EXPECT_TRUE(file) << "no fixture " << name;
    std::vector<std::byte> bytes;
    for (std::string text; std::getline(file, text);) {
        std::istringstream words(text.substr(0, text.find('#')));
        for (std::string digits; words >> digits;)
            bytes.push_back(static_cast<std::byte>(std::stoi(digits, nullptr, 16)));
    }
    return bytes;
}

} // namespace

TEST(wire_format, the_example_is_written_as_documented)
{
    EXPECT_EQ(ruche::to_bytes(example), fixture("wire_order.hex"));
}

TEST(wire_format, the_example_is_read_as_documented)
{
    EXPECT_EQ(ruche::from_bytes<order>(fixture("wire_order.hex")), example);
}

TEST(wire_format, the_document_shows_the_fixture)
{
    std::ifstream fixture_file(std::string(FIXTURES) + "/wire_order.hex");
    std::ifstream document_file(DOCUMENT);
    const std::string text{std::istreambuf_iterator<char>(fixture_file), {}};
    const std::string document{std::istreambuf_iterator<char>(document_file), {}};
    ASSERT_FALSE(text.empty());
    EXPECT_NE(document.find("```\n" + text + "```"), std::string::npos);
}
