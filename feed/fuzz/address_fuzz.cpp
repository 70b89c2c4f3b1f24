// Resolving an address that was resolved changes nothing, and what is unsafe stays so.
#include "check.hpp"

#include <feed/uri.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = as_text(data, size);
    const std::string resolved = feed::resolve_uri("http://example.org/a/b?q", text);
    promise(resolved.size() <= size + 64, "an address grows by its base at most");
    if (!feed::is_safe_uri(text))
        promise(!feed::is_safe_uri(resolved), "an unsafe address stays unsafe");
    return 0;
}
