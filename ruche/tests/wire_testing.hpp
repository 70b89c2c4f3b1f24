#pragma once

#include <ruche/wire.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Words for tests of the wire.
namespace wire_testing {

/// `value` after a journey: encoded, decoded, and nothing left over.
template <class T>
T sent(const T& value)
{
    ruche::sink message;
    ruche::encode(message, value);
    ruche::source received(message.bytes());
    T result = ruche::decode<T>(received);
    received.finish();
    return result;
}

template <class T>
std::vector<std::byte> bytes_of(const T& value)
{
    ruche::sink message;
    ruche::encode(message, value);
    return {message.bytes().begin(), message.bytes().end()};
}

/// What reading `bytes` as a `T` complains about; fails the test if it does not.
template <class T>
ruche::bad_message complaint(const std::vector<std::byte>& bytes, const ruche::limits& limits = {})
{
    try {
        ruche::source received(bytes, {}, limits);
        (void)ruche::decode<T>(received);
        received.finish();
    } catch (const ruche::bad_message& error) {
        return error;
    }
    ADD_FAILURE() << "read without a complaint";
    return {"none", 0};
}

inline std::vector<std::byte> raw(std::initializer_list<int> numbers)
{
    std::vector<std::byte> bytes;
    for (const int number : numbers)
        bytes.push_back(static_cast<std::byte>(number));
    return bytes;
}

} // namespace wire_testing
