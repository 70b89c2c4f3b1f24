#include <ruche/error.hpp>

#include <string_view>

namespace ruche {

namespace {

std::string place(const std::string& reason, std::size_t offset, const std::string& path)
{
    std::string text = path.empty() ? "bad message: " : "bad message: " + path + ": ";
    return text + reason + " (at byte " + std::to_string(offset) + ")";
}

std::string last_line(std::string_view text)
{
    constexpr std::string_view breaks = "\r\n";
    const auto end = text.find_last_not_of(breaks);
    if (end == std::string_view::npos)
        return {};
    text = text.substr(0, end + 1);
    const auto before = text.find_last_of(breaks);
    return std::string(before == std::string_view::npos ? text : text.substr(before + 1));
}

std::string obituary(const exit_status& status, const std::string& who)
{
    const std::string words = last_line(status.last_words());
    return who + ": " + status.describe() + (words.empty() ? "" : "; its last words: " + words);
}

} // namespace

bad_message::bad_message(const std::string& reason, std::size_t offset, std::string path) :
    std::runtime_error(place(reason, offset, path)), reason_(reason), offset_(offset), path_(std::move(path))
{}

process_died::process_died(const exit_status& status, const std::string& who, std::string stack) :
    std::runtime_error(obituary(status, who)), status_(status), stack_(std::move(stack))
{}

} // namespace ruche
