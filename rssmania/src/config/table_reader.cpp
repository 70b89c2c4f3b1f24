#include "config/table_reader.hpp"

#include "text/duration.hpp"
#include "text/printable.hpp"
#include "text/size.hpp"
#include "text/translate.hpp"

#include <fmt/format.h>

namespace rssmania {

void complaints::add(const toml::source_region& where, const std::string& what)
{
    if (!text_.empty())
        text_ += '\n';
    text_ += fmt::format("{}:{}:{}: {}", name_, where.begin.line, where.begin.column, what);
}

const toml::node* table_reader::find(const char* name)
{
    asked_.insert(name);
    return table_.get(name);
}

void table_reader::wants(const toml::node& value, const char* name, const char* what)
{
    wrong_.add(value.source(), tr_fill("{} wants {}", name, what));
}

void table_reader::complain(const char* name, const std::string& what)
{
    const toml::node* value = find(name);
    wrong_.add(value ? value->source() : table_.source(), what);
}

std::optional<std::string> table_reader::text(const char* name)
{
    const toml::node* value = find(name);
    if (!value)
        return std::nullopt;
    if (const auto* found = value->as_string())
        return found->get();
    wants(*value, name, tr("text between quotes"));
    return std::nullopt;
}

std::optional<std::int64_t> table_reader::number(const char* name, std::int64_t least)
{
    const toml::node* value = find(name);
    if (!value)
        return std::nullopt;
    const auto* found = value->as_integer();
    if (found && found->get() >= least)
        return found->get();
    wrong_.add(value->source(), tr_fill("{} wants a whole number, {} or more", name, least));
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> table_reader::time(const char* name)
{
    const auto typed = text(name);
    if (!typed)
        return std::nullopt;
    const auto span = parse_duration(*typed);
    if (!span || span->count() == 0)
        complain(name, tr_fill("{} is no span of time: write it as 90s, 5m or 1h30m", printable(*typed)));
    return span;
}

void table_reader::take(const char* name, bool& into)
{
    const toml::node* value = find(name);
    if (!value)
        return;
    if (const auto* found = value->as_boolean())
        into = found->get();
    else
        wants(*value, name, tr("true or false"));
}

void table_reader::take(const char* name, std::string& into)
{
    if (auto found = text(name))
        into = std::move(*found);
}

void table_reader::take(const char* name, std::int64_t& into, std::int64_t least)
{
    into = number(name, least).value_or(into);
}

void table_reader::take(const char* name, std::optional<std::int64_t>& into, std::int64_t least)
{
    if (const auto found = number(name, least))
        into = found;
}

void table_reader::take(const char* name, std::vector<std::string>& into)
{
    const toml::node* value = find(name);
    if (!value)
        return;
    if (const auto* one = value->as_string()) {
        into = {one->get()};
        return;
    }
    const auto* list = value->as_array();
    std::vector<std::string> found;
    for (std::size_t i = 0; list && i < list->size(); ++i) {
        if (const auto* each = list->get(i)->as_string())
            found.push_back(each->get());
    }
    if (list && found.size() == list->size())
        into = std::move(found);
    else
        wants(*value, name, tr("text between quotes, or a list of such"));
}

void table_reader::take(const char* name, std::optional<std::chrono::milliseconds>& into)
{
    if (const auto found = time(name))
        into = found;
}

void table_reader::take(const char* name, std::optional<std::chrono::seconds>& into)
{
    if (const auto found = time(name))
        into = std::chrono::ceil<std::chrono::seconds>(*found);
}

void table_reader::take_size(const char* name, std::optional<std::uint64_t>& into)
{
    const auto typed = text(name);
    if (!typed)
        return;
    into = parse_size(*typed);
    if (!into)
        complain(name, tr_fill("{} is no size: write it as 500MB or 2GB", printable(*typed)));
}

void table_reader::table(const char* name, const std::function<void(table_reader&)>& read)
{
    const toml::node* value = find(name);
    if (!value)
        return;
    const toml::table* inner = value->as_table();
    if (!inner)
        return wrong_.add(value->source(), tr_fill("{0} is a table: write [{0}] above its values", name));
    table_reader reader(*inner, wrong_);
    read(reader);
    reader.end();
}

void table_reader::each_table(const char* name, const std::function<void(table_reader&)>& read)
{
    const toml::node* value = find(name);
    if (!value)
        return;
    const toml::array* list = value->as_array();
    if (!list || !list->is_homogeneous<toml::table>())
        return wrong_.add(value->source(), tr_fill("there can be several of {0}: write [[{0}]] above each", name));
    for (const toml::node& each : *list) {
        table_reader reader(*each.as_table(), wrong_);
        read(reader);
        reader.end();
    }
}

void table_reader::end()
{
    for (const auto& [name, value] : table_) {
        if (asked_.contains(name.str()))
            continue;
        std::string known;
        for (const std::string& each : asked_)
            known += (known.empty() ? "" : ", ") + each;
        wrong_.add(name.source(), tr_fill("{} is not known here; there are: {}", printable(name.str()), known));
    }
}

} // namespace rssmania
