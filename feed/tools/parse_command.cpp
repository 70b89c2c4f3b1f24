#include "about.hpp"

#include <feed/feed.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>

namespace feed_command {

namespace {

std::string_view trim(std::string_view text)
{
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos)
        return {};
    return text.substr(start, text.find_last_not_of(" \t\r\n") - start + 1);
}

feed::response response_for(const headers& about)
{
    feed::response result;
    for (const auto& [key, value] : about) {
        if (key == "url")
            result.url = value;
        else
            result.headers.emplace_back(key, value);
    }
    return result;
}

// The discovered feeds as the last member of the object that `json` is.
void add_discovered(std::string& json, const std::vector<feed::discovered>& found)
{
    json.pop_back();
    json.append(",\"discovered\":[");
    const auto quoted = [](std::string_view text) {
        std::string result = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\')
                result.push_back('\\');
            result.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
        }
        return result + "\"";
    };
    for (std::size_t i = 0; i < found.size(); ++i)
        json.append(i == 0 ? "" : ",")
            .append("{\"href\":")
            .append(quoted(found[i].href))
            .append(",\"type\":")
            .append(quoted(found[i].type))
            .append(",\"title\":")
            .append(quoted(found[i].title))
            .append("}");
    json.append("]}");
}

} // namespace

std::string_view find(const headers& about, std::string_view name)
{
    for (const auto& [key, value] : about)
        if (key == name)
            return value;
    return {};
}

feed::options options_for(const headers& about)
{
    feed::options how;
    how.content_type = find(about, "content-type");
    how.content_location = find(about, "content-location");
    how.content_language = find(about, "content-language");
    how.base_uri = find(about, "url");
    how.over_http = std::any_of(about.begin(), about.end(), [](const auto& each) { return each.first != "url"; });
    how.markup = feed::markup_policy::compatible; // the shape is feedparser's, and so is what may stay in a text
    return how;
}

std::optional<std::pair<std::string, std::string>> read_header(std::string_view line)
{
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string name(trim(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return std::pair(std::move(name), std::string(trim(line.substr(colon + 1))));
}

std::string parse_to_json(std::string bytes, const headers& about)
{
    const std::string page = bytes.size() < (std::size_t{4} << 20) ? bytes : std::string();
    const feed::document document = feed::parse(std::move(bytes), options_for(about));
    std::string json = feed::to_json(document, response_for(about));
    if (document.format == feed::format::none && !page.empty())
        add_discovered(json, feed::discover(page, find(about, "url")));
    return json;
}

std::optional<std::string> read_to_end(std::istream& in, std::size_t expected)
{
    std::string bytes;
    std::size_t size = 0;
    do {
        constexpr std::size_t least = 64U << 10U;
        bytes.resize(size == 0 ? std::max(expected + 1, least) : size + size / 2);
        in.read(bytes.data() + size, static_cast<std::streamsize>(bytes.size() - size));
        size += static_cast<std::size_t>(in.gcount());
    } while (in);
    if (in.bad())
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::optional<std::string> read_whole_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return std::nullopt;
    std::error_code unknown;
    const std::uintmax_t size = std::filesystem::file_size(path, unknown); // of a pipe there is none
    return read_to_end(file, unknown ? 0 : static_cast<std::size_t>(size));
}

void answer_batch(std::istream& in, std::ostream& out, const read_file& read)
{
    std::string line;
    while (std::getline(in, line)) {
        std::string_view rest = line;
        std::size_t tab = rest.find('\t');
        const std::string path(rest.substr(0, tab));
        headers about;
        while (tab != std::string_view::npos) {
            rest.remove_prefix(tab + 1);
            tab = rest.find('\t');
            if (auto header = read_header(rest.substr(0, tab)))
                about.push_back(std::move(*header));
        }
        out << parse_to_json(read(path).value_or(std::string()), about) << '\n' << std::flush;
    }
}

} // namespace feed_command
