// An address grows by no more than its base, one that was resolved is resolved, and a scheme that runs is unsafe
// whatever follows it.
#include "check.hpp"

#include <feed/uri.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = as_text(data, size);
    constexpr std::string_view base = "http://example.org/a/b?q";
    const std::string resolved = feed::resolve_uri(base, text);
    promise(resolved.size() <= size + 64, "an address grows by its base at most");
    promise(feed::resolve_uri(base, resolved) == resolved, "what was resolved is resolved");
    // What a browser would run is told as such, also behind what it passes over.
    for (const std::string_view scheme : {"javascript:", "vbscript:", "data:"}) {
        std::string hidden = "\n \x01";
        for (const char c : scheme)
            hidden.append({c, '\t'});
        promise(!feed::is_safe_uri(hidden.append(text)), "a scheme that runs is unsafe whatever follows it");
    }
    return 0;
}
