#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <vector>

namespace ruche::wire {

/// What is told of an exception, in the order in which it is written. The nested one and a program's own state follow.
struct told_exception {
    std::string type_name;
    std::string what;
    std::string stack;
    std::string category; // of its error code; empty if it has none
    std::int32_t code = 0;
    std::vector<std::string> words;    // what else some types have: paths, a reason
    std::vector<std::int64_t> numbers; // an offset, how a process ended
};

/// Tells what `error` is. Its nested exception, if there is one, is put in `nested`.
told_exception tell(const std::exception_ptr& error, std::exception_ptr& nested);

/// Makes the exception that was told, if its type is one of the standard library or of ruche; otherwise null.
std::exception_ptr rebuild(const told_exception& told, const std::exception_ptr& nested);

} // namespace ruche::wire
