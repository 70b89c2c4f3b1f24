#include <ruche/error.hpp>

namespace ruche {

namespace {

std::string place(const std::string& reason, std::size_t offset, const std::string& path)
{
    std::string text = path.empty() ? "bad message: " : "bad message: " + path + ": ";
    return text + reason + " (at byte " + std::to_string(offset) + ")";
}

} // namespace

bad_message::bad_message(const std::string& reason, std::size_t offset, std::string path) :
    std::runtime_error(place(reason, offset, path)), reason_(reason), offset_(offset), path_(std::move(path))
{}

process_died::process_died(const exit_status& status, const std::string& who, std::string stack) :
    std::runtime_error(who + ": " + status.describe()), status_(status), stack_(std::move(stack))
{}

} // namespace ruche
