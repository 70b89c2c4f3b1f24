#pragma once

#include <ruche/wire.hpp>

/// What a function of ruche that takes a `T` does: one entrance, which speaks for itself where a `T` can't be sent.
template <class T>
void send()
{
    if constexpr (ruche::sendable<T>) {
        ruche::sink message;
        ruche::source received({});
        ruche::encode(message, ruche::decode<T>(received));
    } else {
        ruche::check_sendable<T, "argument 1">();
    }
}
