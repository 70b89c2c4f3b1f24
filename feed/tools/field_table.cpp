// feed_field_table: the table of elements and fields of docs/feeds.md, made of the table that the parser reads by.
#include "xml/names.hpp"

#include <feed/format.hpp>

#include <iostream>
#include <map>
#include <string>

namespace {

using feed::detail::space;

std::string_view title_of(space where)
{
    switch (where) {
    case space::core:
        return "RSS, Atom, CDF";
    case space::admin:
        return "`admin:`";
    case space::cc:
        return "`cc:`";
    case space::creativecommons:
        return "`creativeCommons:`";
    case space::content:
        return "`content:`";
    case space::dc:
        return "`dc:`";
    case space::dcterms:
        return "`dcterms:`";
    case space::feedburner:
        return "`feedburner:`";
    case space::geo:
        return "`geo:`";
    case space::georss:
        return "`georss:`";
    case space::gml:
        return "`gml:`";
    case space::itunes:
        return "`itunes:`";
    case space::media:
        return "`media:`";
    case space::podcast:
        return "`podcast:`";
    case space::psc:
        return "`psc:`";
    case space::rdf:
        return "`rdf:`";
    case space::slash:
        return "`slash:`";
    case space::sy:
        return "`sy:`";
    case space::thr:
        return "`thr:`";
    case space::wfw:
        return "`wfw:`";
    case space::xhtml:
        return "`xhtml:`";
    default:
        return "other";
    }
}

} // namespace

int main()
{
    std::cout << "| namespace | element | field |\n| --- | --- | --- |\n";
    const auto [first, last] = feed::detail::all_known_elements();
    for (const auto* each = first; each != last; ++each)
        std::cout << "| " << title_of(each->where) << " | `" << each->name << "` | " << each->field << " |\n";
    return 0;
}
