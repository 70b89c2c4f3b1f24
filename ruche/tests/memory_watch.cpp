#include "memory_watch.hpp"

#include <cstdlib>
#include <new>

void* operator new(std::size_t size)
{
    if (size > largest_request.load(std::memory_order_relaxed))
        largest_request.store(size, std::memory_order_relaxed);
    requested_bytes.fetch_add(size, std::memory_order_relaxed);
    requests.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size)) // NOLINT: this is where memory comes from
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }              // NOLINT
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); } // NOLINT
