#pragma once

#include <fmt/format.h>

#include <string>

namespace rssmania {

/// Makes `tr` speak the user's language from here on: that of `LC_ALL`, `LC_MESSAGES` or `LANG`, also where the
/// machine hasn't that locale installed. Called once, at the start of `main`; there is one language per process.
void speak_the_users_language();

/// `message` in the user's language, or as it is where there is no translation. Its `{}` are filled by `tr_fill`.
[[nodiscard]] const char* tr(const char* message);

/// `message` translated, with its `{}` filled.
template <class... Values>
[[nodiscard]] std::string tr_fill(const char* message, const Values&... values)
{
    return fmt::format(fmt::runtime(tr(message)), values...);
}

} // namespace rssmania
