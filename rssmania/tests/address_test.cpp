#include "net/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace {

struct address {
    sockaddr_storage storage{};

    explicit address(const std::string& text)
    {
        sockaddr_in v4{};
        sockaddr_in6 v6{};
        if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
            v4.sin_family = AF_INET;
            std::memcpy(&storage, &v4, sizeof v4);
        } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
            v6.sin6_family = AF_INET6;
            std::memcpy(&storage, &v6, sizeof v6);
        } else {
            ADD_FAILURE() << "no address: " << text;
        }
    }

    [[nodiscard]] const sockaddr& get() const { return reinterpret_cast<const sockaddr&>(storage); }
};

bool is_public(const std::string& text) { return rssmania::is_public(address(text).get()); }

class a_special_address : public testing::TestWithParam<const char*> {};
class an_ordinary_address : public testing::TestWithParam<const char*> {};

TEST_P(a_special_address, is_not_public) { EXPECT_FALSE(is_public(GetParam())); }
TEST_P(an_ordinary_address, is_public) { EXPECT_TRUE(is_public(GetParam())); }

INSTANTIATE_TEST_SUITE_P(ipv4, a_special_address,
                         testing::Values("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1",
                                         "127.9.9.9", "168.63.129.16", "169.254.169.254", "172.16.0.1",
                                         "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1",
                                         "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
                                         "240.0.0.1", "255.255.255.255"));
INSTANTIATE_TEST_SUITE_P(ipv6, a_special_address,
                         testing::Values("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
                                         "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:2::1",
                                         "2001:10::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1",
                                         "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"));
INSTANTIATE_TEST_SUITE_P(ipv4, an_ordinary_address,
                         testing::Values("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
                                         "172.15.255.255", "172.32.0.0", "192.0.1.0", "198.17.255.255", "198.20.0.0",
                                         "223.255.255.255"));
INSTANTIATE_TEST_SUITE_P(ipv6, an_ordinary_address,
                         testing::Values("2606:4700::1111", "2001:200::1", "2a00::1", "::ffff:1.1.1.1",
                                         "64:ff9b::101:101", "3ffe::1"));

TEST(an_address, is_written_as_people_do)
{
    EXPECT_EQ(rssmania::to_text(address("192.168.1.1").get()), "192.168.1.1");
    EXPECT_EQ(rssmania::to_text(address("fe80::1").get()), "fe80::1");
}

TEST(an_address, of_an_unknown_family_is_not_public)
{
    sockaddr unknown{};
    unknown.sa_family = AF_UNIX;
    EXPECT_FALSE(rssmania::is_public(unknown));
}

} // namespace
