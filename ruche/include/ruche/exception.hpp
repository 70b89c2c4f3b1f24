#pragma once

#include <ruche/wire.hpp>

#include <exception>
#include <string>
#include <string_view>
#include <typeinfo>

/// Exceptions on the way from one process to another.
///
/// What crosses is the type's name, the text, the error code, the chain of nested exceptions and, where it was
/// recorded, the stack. Exceptions of the standard library and of ruche arrive as themselves. So do a program's own, if
/// they are sendable and one line beside them says so; all others arrive as `remote_error`, which has their name.
///
///     struct out_of_stock : std::runtime_error { … get_state, set_state … };
///     inline const ruche::throws<out_of_stock> out_of_stock_is_thrown;
namespace ruche {

/// Adds `error` to a message, with the stack of where it was thrown if that is known.
///
/// It never refuses an exception: one whose own state can't be encoded is sent by its name and text.
/// Throws: `std::bad_alloc` only.
void encode_exception(sink& message, const std::exception_ptr& error, std::string_view stack = {});

/// Reads what `encode_exception` wrote. Null if null was sent. Throws: `bad_message`.
[[nodiscard]] std::exception_ptr decode_exception(source& message);

/// An exception of another process, with what the exception itself has no room for.
struct received_exception {
    std::exception_ptr error;
    std::string type_name;
    std::string what;
    std::string stack;
};
[[nodiscard]] received_exception decode_received_exception(source& message);

namespace wire {

/// How an exception type of a program travels.
struct thrown_entry {
    const std::type_info* type;
    std::uint64_t fingerprint;
    void (*put)(sink& out, const std::exception_ptr& error);
    std::exception_ptr (*get)(source& in, const std::exception_ptr& nested);
};
void register_thrown(const thrown_entry& entry);

/// An exception pointer to `error`, with `nested` in it as `std::throw_with_nested` would put it there.
template <class Error>
std::exception_ptr with_nested(const Error& error, const std::exception_ptr& nested)
{
    if (!nested)
        return std::make_exception_ptr(error);
    try {
        std::rethrow_exception(nested);
    } catch (...) {
        try {
            std::throw_with_nested(Error(error)); // a copy, or the type thrown would be that of a const one
        } catch (...) {
            return std::current_exception();
        }
    }
}

} // namespace wire

/// Says that an `Error` arrives as itself. One line beside the type, at namespace scope, in a file that is linked where
/// it is caught; the name of the variable is of no importance.
template <class Error>
class throws {
public:
    throws()
    {
        check_sendable<Error>();
        if constexpr (sendable<Error>)
            wire::register_thrown({&typeid(Error), fingerprint<Error>, put, get});
    }

private:
    static void put(sink& out, const std::exception_ptr& error)
    {
        try {
            std::rethrow_exception(error);
        } catch (const Error& thrown) {
            encode(out, thrown);
        }
    }
    static std::exception_ptr get(source& in, const std::exception_ptr& nested)
    {
        return wire::with_nested(decode<Error>(in), nested);
    }
};

} // namespace ruche
