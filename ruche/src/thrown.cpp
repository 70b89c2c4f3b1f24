#include "thrown.hpp"

#include "os/stack.hpp"
#include "os/throw_stack.hpp"

#include <ruche/error.hpp>
#include <ruche/exception.hpp>

namespace ruche {

void encode_thrown(sink& message, const std::exception_ptr& error)
{
    encode_exception(message, error);
    const auto stack = os::stack_of_throw(error);
    encode(message, stack ? std::vector(stack->view().begin(), stack->view().end()) : std::vector<os::code_location>());
}

std::exception_ptr decode_thrown(source& message, std::vector<os::code_location>& thrown_at)
{
    try {
        const auto error = decode_exception(message);
        thrown_at = decode<std::vector<os::code_location>>(message);
        std::rethrow_exception(error);
    } catch (const remote_error& thrown) {
        if (thrown.stack().empty())
            return std::make_exception_ptr(
                remote_error(thrown.type_name(), thrown.what(), os::describe_stack(thrown_at), thrown.nested()));
        return std::current_exception();
    } catch (...) {
        return std::current_exception(); // as it was, or what is wrong with the bytes that told it
    }
}

} // namespace ruche
