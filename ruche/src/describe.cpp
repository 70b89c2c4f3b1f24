#include "describe.hpp"

#include <ruche/error.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <memory>
#include <typeinfo>

namespace ruche {

std::string demangle(const char* name)
{
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> readable(abi::__cxa_demangle(name, nullptr, nullptr, &status),
                                                          std::free);
    return status == 0 ? readable.get() : name;
}

namespace {

std::string describe_nested(const std::exception& error)
{
    const auto* nested = dynamic_cast<const std::nested_exception*>(&error);
    return nested && nested->nested_ptr() ? "; caused by " + describe_exception(nested->nested_ptr()) : "";
}

} // namespace

std::string describe_exception(const std::exception_ptr& error)
{
    if (!error)
        return "no exception";
    try {
        std::rethrow_exception(error);
    } catch (const remote_error& thrown) {
        const auto nested = thrown.nested();
        return thrown.type_name() + ": " + thrown.what() + (nested ? "; caused by " + describe_exception(nested) : "");
    } catch (const std::exception& thrown) {
        return demangle(typeid(thrown).name()) + ": " + thrown.what() + describe_nested(thrown);
    } catch (...) {
        const std::type_info* type = abi::__cxa_current_exception_type();
        return type ? demangle(type->name()) + " (not a std::exception)" : "an exception of a foreign language";
    }
}

} // namespace ruche
