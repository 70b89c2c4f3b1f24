#include "text/translate.hpp"

#include <clocale>
#include <cstdlib>
#include <filesystem>
#include <libintl.h>
#include <string_view>

namespace rssmania {
namespace {

constexpr const char* domain = "rssmania";

// The first of the variables that decide the language of messages, as locale(7) orders them.
std::string wanted_locale()
{
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value && *value)
            return value;
    }
    return {};
}

// Beside the program in the build tree, under its prefix when installed: the program works from both without knowing
// where it is.
std::filesystem::path catalogues()
{
    std::error_code unreadable;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", unreadable);
    if (unreadable)
        return "/usr/share/locale";
    const auto beside = program.parent_path() / "locale";
    // A directory: /usr/bin/locale is a program.
    return is_directory(beside, unreadable) ? beside : program.parent_path().parent_path() / "share" / "locale";
}

} // namespace

void speak_the_users_language()
{
    if (!std::setlocale(LC_ALL, "")) {
        // The locale isn't generated on this machine, as in most containers. Messages need only its name: gettext looks
        // at LANGUAGE first, in any locale but "C".
        std::setlocale(LC_ALL, "C.UTF-8");
        const std::string wanted = wanted_locale();
        if (wanted != "C" && wanted != "POSIX" && !wanted.empty())
            ::setenv("LANGUAGE", wanted.c_str(), 0);
    }
    std::setlocale(LC_NUMERIC, "C"); // numbers we print are read by programs
    ::bindtextdomain(domain, catalogues().c_str());
    ::bind_textdomain_codeset(domain, "UTF-8");
    ::textdomain(domain);
}

const char* tr(const char* message) { return ::dgettext(domain, message); }

} // namespace rssmania
