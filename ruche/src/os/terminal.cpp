#include "os/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace ruche::os {

std::size_t terminal_width(int number) noexcept
{
    if (::isatty(number) == 0)
        return 0;
    winsize size{};
    return ::ioctl(number, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

} // namespace ruche::os
