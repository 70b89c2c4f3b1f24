#include <ruche/exit_status.hpp>

#include "os/stack.hpp"

#include <atomic>
#include <cstring>
#include <ostream>
#include <sstream>
#include <vector>

namespace ruche {

struct exit_status::details {
    std::exception_ptr error;
    std::atomic<bool> seen{false};
    std::optional<std::uintptr_t> address;
    std::vector<os::code_location> frames;
    std::string reason;
    std::string forbidden_call;
    std::string last_words;
};

namespace {

std::vector<os::code_location> frames_in(std::span<const std::byte> bytes)
{
    std::vector<os::code_location> frames(bytes.size() / sizeof(os::code_location));
    if (!frames.empty())
        std::memcpy(frames.data(), bytes.data(), frames.size() * sizeof(os::code_location));
    return frames;
}

} // namespace

std::exception_ptr exit_status::error() const noexcept
{
    if (!details_ || !details_->error)
        return nullptr;
    details_->seen.store(true, std::memory_order_relaxed); // a flag alone: it orders nothing
    return details_->error;
}

bool exit_status::error_seen() const noexcept { return details_ && details_->seen.load(std::memory_order_relaxed); }

std::optional<std::uintptr_t> exit_status::fault_address() const noexcept
{
    return details_ ? details_->address : std::nullopt;
}

std::string exit_status::stack() const { return details_ ? os::describe_stack(details_->frames) : ""; }

std::string exit_status::last_words() const { return details_ ? details_->last_words : ""; }

std::shared_ptr<exit_status::details> exit_status::copy_details() const
{
    auto copy = std::make_shared<details>();
    if (details_) {
        copy->error = details_->error;
        copy->address = details_->address;
        copy->frames = details_->frames;
        copy->reason = details_->reason;
        copy->forbidden_call = details_->forbidden_call;
        copy->last_words = details_->last_words;
    }
    return copy;
}

exit_status exit_status::with_error(std::exception_ptr error, std::span<const std::byte> frames) const
{
    exit_status status = *this;
    status.details_ = copy_details();
    status.details_->error = std::move(error);
    status.details_->frames = frames_in(frames);
    return status;
}

exit_status exit_status::with_crash(std::optional<std::uintptr_t> address, std::span<const std::byte> frames) const
{
    exit_status status = *this;
    status.details_ = copy_details();
    status.details_->address = address;
    status.details_->frames = frames_in(frames);
    return status;
}

exit_status exit_status::with_reason(std::string words, std::string forbidden_call) const
{
    exit_status status = *this;
    status.details_ = copy_details();
    status.details_->reason = std::move(words);
    status.details_->forbidden_call = std::move(forbidden_call);
    return status;
}

std::optional<std::string> exit_status::forbidden_call() const
{
    return details_ && !details_->forbidden_call.empty() ? std::optional(details_->forbidden_call) : std::nullopt;
}

exit_status exit_status::with_out_of_memory(bool certain) const
{
    exit_status status = *this;
    status.memory_ = certain ? memory::short_of : memory::likely_short;
    return status;
}

exit_status exit_status::with_last_words(std::string words) const
{
    exit_status status = *this;
    status.details_ = copy_details();
    status.details_->last_words = std::move(words);
    return status;
}

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

exit_status exit_status::ended_untold()
{
    exit_status status;
    status.kind_ = kind::untold;
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

std::string exit_status::describe_signal() const
{
    if (details_ && !details_->reason.empty())
        return details_->reason;
    std::ostringstream text;
    text << "killed by signal " << value_;
    // sigdescr_np rather than strsignal: no locale, no static buffer, so any thread may ask.
    if (const char* words = ::sigdescr_np(value_))
        text << " (" << words << ')';
    if (const auto address = fault_address())
        text << " at address 0x" << std::hex << *address << std::dec;
    if (core_)
        text << ", core dumped";
    if (memory_ != memory::enough)
        text << (memory_ == memory::short_of ? ", out of memory" : ", likely out of memory");
    return text.str();
}

std::string exit_status::describe() const
{
    switch (kind_) {
    case kind::exited:
        return "exit code " + std::to_string(value_);
    case kind::signalled:
        return describe_signal();
    case kind::untold:
        return "ended, and how was taken by another wait of the program";
    case kind::lost:
        break;
    }
    return "ended with the fork server, which was killed";
}

std::ostream& operator<<(std::ostream& out, const exit_status& status) { return out << status.describe(); }

} // namespace ruche
