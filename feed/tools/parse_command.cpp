#include <feed_command/parse.hpp>

#include <feed/feed.hpp>

#include <algorithm>
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
    feed::document empty;
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

namespace {

std::string date_of(const feed::entry& entry)
{
    const auto time = entry.published ? entry.published : entry.updated;
    if (!time)
        return "          ";
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(*time));
    const auto two = [](unsigned value) { return std::string(value < 10 ? "0" : "").append(std::to_string(value)); };
    return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
           two(static_cast<unsigned>(date.day()));
}

// For a terminal: one line, nothing that moves its cursor.
std::string line_of(std::string_view text) { return feed::render_html(text, {.width = 0, .links = false}); }

// A message on one line, whatever of the document it quotes.
std::string plain_line(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        if (c == '&')
            escaped.append("&amp;");
        else if (c == '<')
            escaped.append("&lt;");
        else
            escaped.push_back(c);
    }
    return line_of(escaped);
}

} // namespace

std::string summarise(std::string bytes, const headers& about)
{
    const feed::document document = feed::parse(std::move(bytes), options_for(about));
    if (document.format == feed::format::none)
        return std::string("no feed: ").append(document.reason).append("\n");
    std::string result = line_of(document.title.value) + "\n" + std::string(feed::name(document.format)) + ", " +
                         std::to_string(document.entries.size()) + " entries, " + std::string(document.encoding) +
                         (document.bozo ? ", with faults" : "") + "\n";
    if (!document.link.empty())
        result.append(line_of(document.link)).append("\n");
    result.append("\n");
    for (const feed::entry& entry : document.entries)
        result.append(date_of(entry))
            .append("  ")
            .append(line_of(entry.title.value))
            .append("  ")
            .append(line_of(entry.link))
            .append("\n");
    return result;
}

namespace {

// How to mend what a kind of problem stands for.
std::string_view remedy(feed::problem_kind kind)
{
    switch (kind) {
    case feed::problem_kind::not_well_formed:
        return "write \"&\" as \"&amp;\" and \"<\" as \"&lt;\" in text, close what is opened, or let a library write "
               "the XML";
    case feed::problem_kind::undeclared_prefix:
        return "declare the prefix at the root element: xmlns:prefix=\"address of the namespace\"";
    case feed::problem_kind::encoding_overridden:
    case feed::problem_kind::encoding_unknown:
        return "send UTF-8, and say so in the XML declaration and in the Content-Type, or in neither";
    case feed::problem_kind::media_type:
        return "send application/rss+xml, application/atom+xml or application/feed+json as the Content-Type";
    case feed::problem_kind::limit:
        return "make it smaller: a feed is to hold what is new";
    default:
        return "see the specification of the element";
    }
}

} // namespace

std::string explain(std::string bytes, const headers& about)
{
    const feed::document document = feed::parse(std::move(bytes), options_for(about));
    std::string result;
    if (document.format == feed::format::none)
        result.append("This is no feed: ").append(document.reason).append(".\n");
    else
        result.append("This is ")
            .append(feed::name(document.format))
            .append(" with ")
            .append(std::to_string(document.entries.size()))
            .append(" entries.\n");
    if (document.problem_count == 0)
        return result + "Nothing is wrong with it.\n";
    std::vector<feed::problem_kind> kinds;
    for (const feed::problem& each : document.problems) {
        if (each.line != 0)
            result.append("line ")
                .append(std::to_string(each.line))
                .append(", column ")
                .append(std::to_string(each.column))
                .append(": ");
        result.append(plain_line(each.what)).append("; ").append(each.done).append("\n");
        if (std::find(kinds.begin(), kinds.end(), each.kind) == kinds.end())
            kinds.push_back(each.kind);
    }
    if (document.problem_count > document.problems.size())
        result.append("and ")
            .append(std::to_string(document.problem_count - document.problems.size()))
            .append(" more\n");
    result.append("\nTo mend it:\n");
    for (const feed::problem_kind kind : kinds)
        result.append("* ").append(remedy(kind)).append("\n");
    return result;
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
