#include "code_reference.hpp"

#include <ruche/error.hpp>

#include <cerrno>

namespace ruche {

namespace {

os::code_location locate(const void* address, const char* what)
{
    if (const auto where = os::locate(address))
        return *where;
    throw start_failed(ENOEXEC, std::string("name the ") + what +
                                    " to run: its module has no build id (link with -Wl,--build-id)");
}

/// The address of a piece of code of this build; its module is loaded if need be.
const void* resolve(const os::code_location& where, const std::string& module)
{
    if (const void* address = os::find(where))
        return address;
    if (!module.empty())
        if (const auto complaint = os::load(module))
            throw start_failed(ENOENT, "load the code to run: " + *complaint);
    if (const void* address = os::find(where))
        return address;
    throw start_failed(ENOENT, "find the code to run: " + (module.empty() ? "the executable" : module) +
                                   " is of another build than the one that asked");
}

} // namespace

code_reference refer_to(detail::task_function run, const void* function)
{
    const auto* task = reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(run));
    code_reference code{locate(task, "task"), os::module_path(task), {}, {}};
    if (function) {
        code.function = locate(function, "function");
        code.function_module = os::module_path(function);
    }
    return code;
}

detail::task_function resolve_task(const code_reference& code)
{
    const auto run =
        reinterpret_cast<detail::task_function>(reinterpret_cast<std::uintptr_t>(resolve(code.task, code.task_module)));
    if (!detail::is_registered(run))
        throw start_failed(EPERM, "run code that is not in this build's table of tasks");
    return run;
}

const void* resolve_function(const code_reference& code)
{
    if (!code.function)
        return nullptr;
    const void* function = resolve(*code.function, code.function_module);
    if (!os::starts_a_function(function))
        throw start_failed(EPERM, "call an address at which no function of this build starts");
    return function;
}

} // namespace ruche
