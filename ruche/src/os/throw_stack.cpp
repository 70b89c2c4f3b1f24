#include "os/throw_stack.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>

namespace ruche::os {

namespace {

std::atomic<bool> recording{false};

struct last_throw {
    const void* object = nullptr;
    stack_trace stack;
};
thread_local last_throw latest;

} // namespace

void record_throws(bool on) noexcept { recording.store(on, std::memory_order_relaxed); }

std::optional<stack_trace> stack_of_throw(const std::exception_ptr& error)
{
    // An exception_ptr is a pointer to the thrown object in every ABI that we run on; the standard has no way to ask.
    const void* object = nullptr;
    static_assert(sizeof error == sizeof object);
    std::memcpy(&object, &error, sizeof object);
    if (!object || object != latest.object)
        return std::nullopt;
    return latest.stack;
}

void note_throw(const void* object) noexcept
{
    if (!recording.load(std::memory_order_relaxed))
        return;
    latest.object = object;
    capture_stack(latest.stack, 2);
}

} // namespace ruche::os

/// The runtime's own entry for `throw` (Itanium C++ ABI, exception handling, 2.4.3), with ours before it in the order
/// of libraries: it notes the stack, which is lost once unwinding has begun, and hands on. Weak, because a fully static
/// link brings the runtime's, which then takes its place: what is thrown there has no stack.
extern "C" __attribute__((noreturn, weak, visibility("default"))) void __cxa_throw(void* object, void* type,
                                                                                   void (*destroy)(void*))
{
    using throw_function = void (*)(void*, void*, void (*)(void*));
    static const auto original = reinterpret_cast<throw_function>(::dlsym(RTLD_NEXT, "__cxa_throw"));
    ruche::os::note_throw(object);
    if (original)
        original(object, type, destroy);
    std::abort(); // no runtime that could throw: nothing can be said through an exception
}
