#include "confine/walls.hpp"

#include "confine/network_only.hpp"
#include "text/translate.hpp"

namespace rssmania {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool under_sanitizer = true; // a developer's build, which lacks seccomp as it must
#else
constexpr bool under_sanitizer = false;
#endif

} // namespace

ruche::sandbox::layers tell_what_walls_are_missing(const std::function<void(const std::string& line)>& report)
{
    const ruche::sandbox::report parsers = ruche::sandbox::support();
    if (!parsers.missing().empty() && !under_sanitizer)
        report(tr_fill("this machine does not give the parsers all walls of their sandbox: {}", parsers.describe()));
    for (const missing_wall& each : missing_for_network_only())
        report(tr_fill("this machine does not give the fetchers all walls of their sandbox: {} ({})", each.name,
                       each.why));
    return parsers.missing();
}

} // namespace rssmania
