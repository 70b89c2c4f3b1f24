#include "about.hpp"
#include "missing.hpp"

#include <feed/feed.hpp>

#include <algorithm>

namespace feed_command {

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

std::string counted_entries(const feed::document& of)
{
    return std::to_string(of.entries.size()) + (of.entries.size() == 1 ? " entry" : " entries");
}

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
                         counted_entries(document) + ", " + std::string(document.encoding) +
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
std::string_view remedy(const feed::problem& problem, feed::format format)
{
    switch (problem.kind) {
    case feed::problem_kind::not_well_formed:
        if (format == feed::format::none)
            return "give the address of a feed; \"rssmania discover\" tells those that a page names";
        if (format == feed::format::json1 || format == feed::format::json11)
            return "let a library write the JSON";
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
        if (problem.line == 0)
            return "give it its list \"items\", be it empty";
        return "write dates as \"Sat, 31 Jan 2026 09:30:00 +0000\" in RSS and as \"2026-01-31T09:30:00Z\" elsewhere";
    }
}

} // namespace

namespace {

// The problems that the parser noted, one a line; what they are to be mended by goes to `remedies`.
void tell_problems(const feed::document& document, std::string& result, std::vector<std::string_view>& remedies)
{
    for (const feed::problem& each : document.problems) {
        if (each.line != 0)
            result.append("line ")
                .append(std::to_string(each.line))
                .append(", column ")
                .append(std::to_string(each.column))
                .append(": ");
        result.append(plain_line(each.what)).append("; ").append(plain_line(each.done)).append("\n");
        remedies.push_back(remedy(each, document.format));
    }
    if (document.problem_count > document.problems.size())
        result.append("and ")
            .append(std::to_string(document.problem_count - document.problems.size()))
            .append(" more\n");
}

} // namespace

std::string explain(std::string bytes, const headers& about)
{
    const feed::document document = feed::parse(std::move(bytes), options_for(about));
    std::string result;
    if (document.format == feed::format::none)
        result.append("This is no feed: ").append(plain_line(document.reason)).append(".\n");
    else
        result.append("This is ")
            .append(feed::name(document.format))
            .append(" with ")
            .append(counted_entries(document))
            .append(".\n");
    std::vector<std::string_view> remedies;
    tell_problems(document, result, remedies);
    for (const missing_element& each : missing_elements(document)) {
        result.append(each.what).append("\n");
        remedies.push_back(each.remedy);
    }
    if (remedies.empty())
        return document.format == feed::format::none ? result : result + "Nothing is wrong with it.\n";
    result.append("\nTo mend it:\n");
    for (auto each = remedies.begin(); each != remedies.end(); ++each)
        if (std::find(remedies.begin(), each, *each) == each)
            result.append("* ").append(*each).append("\n");
    return result;
}

} // namespace feed_command
