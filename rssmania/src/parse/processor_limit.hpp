#pragma once

#include <chrono>

namespace rssmania {

/// While it lives, this process may use so much processor time; then SIGPROF kills it. Whatever a document does to the
/// parser, it ends, and the lease on it goes back as from any death.
///
///     const processor_limit limit(10s);
///     return read_feed(std::move(answer));
///
/// There may be one at a time in a process.
class processor_limit {
public:
    explicit processor_limit(std::chrono::seconds time);
    ~processor_limit();
    processor_limit(const processor_limit&) = delete;
    processor_limit& operator=(const processor_limit&) = delete;
};

} // namespace rssmania
