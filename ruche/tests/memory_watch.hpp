#pragma once

#include <atomic>
#include <cstddef>

/// The largest request for memory since it was last set to 0, for tests of what a hostile message can make its reader
/// ask for. A test program that wants it links memory_watch.cpp, which replaces `operator new`.
inline std::atomic<std::size_t> largest_request{0};

/// The sum and the number of all requests, likewise.
inline std::atomic<std::size_t> requested_bytes{0};
inline std::atomic<std::size_t> requests{0};
