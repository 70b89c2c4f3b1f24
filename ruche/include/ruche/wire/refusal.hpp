#pragma once

#include <ruche/wire/survey.hpp>

/// The one error for what can't be sent.
namespace ruche::wire {

/// What is wrong with a type, and what to do instead.
constexpr std::string_view advice(why reason)
{
    switch (reason) {
    case why::raw_pointer:
        return "a pointer means nothing in another process: send the value, or own it with std::unique_ptr or "
               "std::shared_ptr, or give the class that holds it get_state() and set_state()";
    case why::function_pointer:
        return "a function pointer travels only as what a process is to run: send a value that says which";
    case why::member_pointer:
        return "a pointer to a member is not a value: send a value that says which";
    case why::reference:
        return "a reference means nothing in another process: make it a value or a std::shared_ptr";
    case why::nothing:
        return "void is no value: send std::monostate, or the value itself";
    case why::function:
        return "a function is no value: send a value that says which";
    case why::view:
        return "nothing would own what a view shows: make it a std::string or a std::vector";
    case why::stream:
        return "an open stream belongs to its process: send its path, or a ruche::fd, or give the class that holds it "
               "get_state() and set_state()";
    case why::mutex:
        return "a lock belongs to its process: use ruche::mutex, or give the class that holds it get_state() and "
               "set_state()";
    case why::thread:
        return "a thread belongs to its process: send what it works on, or give the class that holds it get_state() "
               "and "
               "set_state()";
    case why::future:
        return "a std::future belongs to its process: use ruche::async, or send the value";
    case why::atomic:
        return "an atomic is shared by threads: send its value, or share it with ruche::shared";
    case why::any:
        return "a std::any does not say what it holds: use std::variant";
    case why::callable:
        return "a std::function hides what it holds: send a class with operator() and sendable members";
    case why::lambda:
        return "a lambda hides its captures: make it a class with operator() and sendable members";
    case why::array_pointer:
        return "how many there are, it does not say: use std::vector";
    case why::deleter:
        return "its deleter knows only this process: give the class that holds it get_state() and set_state()";
    case why::allocator:
        return "its allocator, comparator or hash has a state of this process: use one without, or give the class that "
               "holds it get_state() and set_state()";
    case why::union_type:
        return "a union does not say what it holds: use std::variant";
    case why::base_with_data:
        return "it has members besides those of its bases, and they can't be told from here: list all in static "
               "constexpr std::tuple fields{&T::a, ...}, or make the base a member, or give it get_state() and "
               "set_state()";
    case why::too_many_members:
        return "it has more than 64 members, or one without a default that can't be told apart: give it get_state() "
               "and "
               "set_state()";
    case why::bit_field:
        return "a bit-field has no address to read it from: make it a whole member, or give the class get_state() and "
               "set_state()";
    case why::no_default:
        return "fields are set on an object that is made first: add a default constructor, or give it get_state() and "
               "static set_state()";
    case why::private_class:
        return "its members can't be seen from here: give it get_state() and set_state(), or list them in static "
               "constexpr std::tuple fields{&T::a, ...}";
    case why::state_without_way_back:
        return "it has get_state(), but nothing to take it back: add static T set_state(State), or void "
               "set_state(State) "
               "and a default constructor";
    case why::polymorphic:
        return "a class with virtual functions does not show its members: list them in static constexpr std::tuple "
               "fields{&T::a, ...}, or give it get_state() and set_state()";
    case why::unbounded_array:
        return "how many there are, it does not say: use std::vector";
    case why::is_volatile:
        return "a volatile is a place, not a value: send its value";
    case why::incomplete:
        return "it is only declared here: include what defines it";
    case why::not_portable:
        return "its size differs between machines: use a type of fixed size";
    case why::said:
    case why::none:
        break;
    }
    return "it says so itself";
}

/// Adds the advice, which speaks of the class that has the member by its name.
constexpr void add_advice(long_text& words, const survey<true>& found)
{
    constexpr std::string_view holder = "the class that holds it";
    const std::string_view text = found.said().empty() ? advice(found.found()) : found.said();
    const std::size_t place = text.find(holder);
    if (found.owner().empty() || place == text.npos) {
        words += text;
    } else {
        words += text.substr(0, place);
        words += found.owner();
        words += text.substr(place + holder.size());
    }
}

/// `argument 1: batch.jobs[].log: std::ofstream cannot be sent to another process: an open stream belongs …`
template <class T>
constexpr long_text complaint(std::string_view start, const survey<true>& found)
{
    long_text words;
    words += start;
    if (!start.empty())
        words += ": ";
    words += type_name<T>();
    if (!found.path().empty()) {
        if (form<T>::tag == "record")
            words += ".";
        words += found.path();
        words += ": ";
        if (found.type().size() < 300)
            words += found.type();
    }
    words += found.found() == why::not_portable ? " is not the same in another build: "
                                                : " cannot be sent to another process: ";
    add_advice(words, found);
    return words;
}

template <class T, text Start, quest Quest>
constexpr auto complaint_text()
{
    constexpr long_text words = complaint<T>(Start.view(), look_for<T, true>(Quest));
    text<words.size()> result;
    std::copy_n(words.view().data(), words.size(), result.letters);
    return result;
}

#ifdef __clang__
// clang 14 prints a text as a list of numbers, but a list of characters as characters.
template <char... Letters>
struct error;
template <text Words, std::size_t... Is>
constexpr auto spell(std::index_sequence<Is...>) -> error<Words.letters[Is]...>*;

template <text Words>
using error_of = std::remove_pointer_t<decltype(spell<Words>(std::make_index_sequence<Words.size()>{}))>;
#else
template <text Words>
struct error;
template <text Words>
using error_of = error<Words>;
#endif

/// Stops the compiler at a type that is never defined and whose name is what is to be said.
template <class T, text Start, quest Quest = quest::refusal>
constexpr void refuse()
{
    using complaint = error_of<complaint_text<T, Start, Quest>()>;
    (void)complaint::no_such_type;
}

} // namespace ruche::wire
