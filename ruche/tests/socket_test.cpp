// Messages on a local socket pair, as the kernel gives them.

#include "os/socket.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

using ruche::os::transfer;

namespace {

transfer send(const ruche::fd& socket, std::string_view text)
{
    return ruche::os::send_message(socket.get(), std::array{std::as_bytes(std::span(text))}, {}, false);
}

std::string text_of(const ruche::os::received_message& message)
{
    return {reinterpret_cast<const char*>(message.bytes.data()), message.bytes.size()};
}

} // namespace

// The kernel reports the reset first, and only once (unix_release_sock).
TEST(local_socket, what_was_sent_before_the_end_arrives_though_the_other_end_left_something_unread)
{
    auto [ours, theirs] = ruche::os::message_socket_pair();
    ASSERT_EQ(send(ours, "never read"), transfer::done);
    ASSERT_EQ(send(theirs, "the answer"), transfer::done);
    ASSERT_EQ(send(theirs, "goodbye"), transfer::done);
    theirs.reset();

    ruche::os::received_message message;
    ASSERT_EQ(ruche::os::receive_message(ours.get(), message, ruche::deadline::never()), transfer::done);
    EXPECT_EQ(text_of(message), "the answer");
    ASSERT_EQ(ruche::os::receive_message(ours.get(), message, ruche::deadline::never()), transfer::done);
    EXPECT_EQ(text_of(message), "goodbye");
    EXPECT_EQ(ruche::os::receive_message(ours.get(), message, ruche::deadline::never()), transfer::peer_gone);
}
