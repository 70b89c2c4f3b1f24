#pragma once

#include <ruche/wire/refusal.hpp>
#include <ruche/wire/survey.hpp>

#include <cstdint>
#include <type_traits>

namespace ruche {

namespace wire {

/// Whether a type is a view whose contents can be sent, as what owns them.
template <class T>
inline constexpr bool shows_only = requires
{
    form<std::remove_cv_t<T>>::views_only;
};

} // namespace wire

/// What can be sent to another process: numbers, enumerations, strings, containers, owners, aggregates of such things,
/// and classes that say how (see `codec.hpp`). A queue, a file descriptor and other handles of ruche can be sent, too.
///
/// A view can't be received, since nothing would own what it shows; see `received_t`.
template <class T>
concept sendable = wire::sendable_v<std::remove_cv_t<T>>;

/// A part of what is sendable that every build reads alike, for files and for programs that were built elsewhere: no
/// `wchar_t` and no `long double`, which differ, no descriptors, no exceptions. (`long` counts as the number of 64 bits
/// that it is here: where it has 32, the fingerprint is another.)
template <class T>
concept portable = wire::portable_v<std::remove_cv_t<T>>;

/// Whether encoding a `T` may attach descriptors.
template <class T>
inline constexpr bool carries_handles = wire::look_for<std::remove_cv_t<T>>(wire::quest::handles).handles();

/// A number that stands for how a `T` travels: for its structure and the names of its members. Two programs that have
/// the same number for it understand one another.
template <class T>
inline constexpr std::uint64_t fingerprint = wire::fingerprint_of<std::remove_cv_t<T>>();

/// What a receiver gets for a `T`: the owner of what a view shows (`std::string` for `std::string_view` and texts in
/// quotes, a `std::vector` for a `std::span`), otherwise a `T`.
template <class T>
using received_t = typename wire::received<std::decay_t<T>>::type;

/// Makes the compiler say why a `T` can't be sent, with the way to what is wrong, after the words of `Start`:
///
///     ruche::check_sendable<Argument, "argument 1">();      // … argument 1: batch.jobs[].log: std::ofstream …
///
/// Behind `if constexpr (sendable<T>)`, that is the only error.
template <class T, wire::text Start = "">
constexpr void check_sendable()
{
    if constexpr (!sendable<T>)
        wire::refuse<std::remove_cv_t<T>, Start>();
}

/// The same for what must be `portable`.
template <class T, wire::text Start = "">
constexpr void check_portable()
{
    if constexpr (!sendable<T>)
        check_sendable<T, Start>();
    else if constexpr (!portable<T>)
        wire::refuse<std::remove_cv_t<T>, Start, wire::quest::unportable>();
}

} // namespace ruche
