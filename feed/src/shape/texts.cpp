#include "shape/shape_writer.hpp"

#include <chrono>

namespace feed::detail {

using namespace std::chrono;

void shape_writer::write_text(std::string_view name, const text& of)
{
    if (!of)
        return;
    member(name, shown(of));
    out_.key(std::string(name) + "_detail");
    write_detail(of);
}

// There, a document that is not well-formed has the quotes of its markup as characters, not as references.
std::string_view shape_writer::shown(const text& of)
{
    if (!broken_ || of.type == text_type::plain || of.value.find("&quot;") == std::string_view::npos)
        return of.value;
    shown_.clear();
    bool in_tag = false;
    for (std::size_t at = 0; at < of.value.size(); ++at) {
        const char c = of.value[at];
        in_tag = c == '<' || (in_tag && c != '>');
        const bool quote = !in_tag && of.value.substr(at, 6) == "&quot;";
        shown_.push_back(quote ? '"' : c);
        at += quote ? 5U : 0U;
    }
    return shown_;
}

void shape_writer::write_detail(const text& of)
{
    out_.open('{');
    out_.member("type", of.media_type());
    out_.key("language");
    if (of.language().data() != nullptr)
        out_.value(of.language());
    else
        out_.null();
    out_.member("base", of.base().data() != nullptr ? of.base() : std::string_view(""));
    out_.member("src", of.source());
    out_.member("value", shown(of));
    out_.close('}');
}

void shape_writer::write_date(std::string_view name, std::string_view written, const std::optional<time_point>& read)
{
    if (written.data() == nullptr)
        return;
    member(name, written);
    write_time(std::string(name) + "_parsed", read);
}

void shape_writer::write_time(std::string_view name, const std::optional<time_point>& of)
{
    if (!of)
        return;
    const sys_days day = floor<days>(*of);
    const year_month_day date(day);
    const hh_mm_ss time(*of - day);
    const auto of_year = (day - sys_days(date.year() / January / 1)).count() + 1;
    out_.key(name);
    out_.open('[');
    for (const std::int64_t number :
         {std::int64_t{static_cast<int>(date.year())}, std::int64_t{static_cast<unsigned>(date.month())},
          std::int64_t{static_cast<unsigned>(date.day())}, std::int64_t{time.hours().count()},
          std::int64_t{time.minutes().count()}, std::int64_t{time.seconds().count()},
          std::int64_t{weekday(day).iso_encoding() - 1}, std::int64_t{of_year}, std::int64_t{0}})
        out_.value(number);
    out_.close(']');
}

} // namespace feed::detail
