#include <ruche/exit_status.hpp>

#include <cstring>
#include <ostream>

namespace ruche {

exit_status exit_status::exited(int code, resource_usage used)
{
    exit_status status;
    status.value_ = code;
    status.used_ = used;
    return status;
}

exit_status exit_status::signalled(int signal, bool core, resource_usage used)
{
    exit_status status;
    status.kind_ = kind::signalled;
    status.value_ = signal;
    status.core_ = core;
    status.used_ = used;
    return status;
}

exit_status exit_status::server_lost()
{
    exit_status status;
    status.kind_ = kind::lost;
    return status;
}

std::optional<int> exit_status::code() const noexcept
{
    return kind_ == kind::exited ? std::optional(value_) : std::nullopt;
}

std::optional<int> exit_status::signal() const noexcept
{
    return kind_ == kind::signalled ? std::optional(value_) : std::nullopt;
}

std::string exit_status::describe() const
{
    switch (kind_) {
    case kind::exited:
        return "exit code " + std::to_string(value_);
    case kind::signalled:
        // sigdescr_np rather than strsignal: no locale, no static buffer, so any thread may ask.
        if (const char* words = ::sigdescr_np(value_))
            return "killed by signal " + std::to_string(value_) + " (" + words + ")" + (core_ ? ", core dumped" : "");
        return "killed by signal " + std::to_string(value_) + (core_ ? ", core dumped" : "");
    case kind::lost:
        break;
    }
    return "ended with the fork server, which was killed";
}

std::ostream& operator<<(std::ostream& out, const exit_status& status) { return out << status.describe(); }

} // namespace ruche
