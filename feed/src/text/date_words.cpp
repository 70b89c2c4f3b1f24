#include "text/date_words.hpp"

#include "text/ascii.hpp"
#include "text/utf8.hpp"

#include <unicode/ucal.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <iterator>
#include <memory>

namespace feed::detail {

namespace {

struct month_name {
    std::string_view start; ///< any word that starts so is meant
    unsigned month;
};

// The start that is enough to tell a month in its language and from the others, longer ones first where one starts as
// another. English, French, German, Spanish, Portuguese, Italian, Catalan, Dutch, the Nordic ones, Polish, Czech,
// Slovak, Croatian, Hungarian, Romanian, Turkish, Finnish, Indonesian, Russian, Ukrainian, Bulgarian, Greek, Estonian,
// Lithuanian, Latvian, Hebrew, Arabic, Persian (of Afghanistan), Hindi, Thai.
constexpr month_name months[] = {
    {"januar", 1}, {"januari", 1},  {"janv", 1},     {"jan", 1},     {"jän", 1},     {"jen", 1},     {"ene", 1},
    {"gen", 1},    {"stycz", 1},    {"sty", 1},      {"leden", 1},   {"ledna", 1},   {"siječ", 1},   {"sij", 1},
    {"ian", 1},    {"ocak", 1},     {"oca", 1},      {"tammi", 1},   {"янв", 1},     {"січ", 1},     {"яну", 1},
    {"ιαν", 1},    {"feb", 2},      {"fév", 2},      {"fev", 2},     {"fév", 2},     {"lut", 2},     {"únor", 2},
    {"února", 2},  {"velj", 2},     {"şub", 2},      {"helmi", 2},   {"фев", 2},     {"лют", 2},     {"φεβ", 2},
    {"mars", 3},   {"march", 3},    {"mar", 3},      {"mär", 3},     {"mrz", 3},     {"maa", 3},     {"mrt", 3},
    {"maart", 3},  {"břez", 3},     {"ožuj", 3},     {"már", 3},     {"мар", 3},     {"бер", 3},     {"μάρ", 3},
    {"μαρ", 3},    {"març", 3},     {"apr", 4},      {"avr", 4},     {"abr", 4},     {"kwi", 4},     {"dub", 4},
    {"trav", 4},   {"ápr", 4},      {"nis", 4},      {"huhti", 4},   {"апр", 4},     {"квіт", 4},    {"απρ", 4},
    {"may", 5},    {"mai", 5},      {"maj", 5},      {"mei", 5},     {"mag", 5},     {"květ", 5},    {"svib", 5},
    {"máj", 5},    {"touko", 5},    {"май", 5},      {"мая", 5},     {"трав", 5},    {"μάι", 5},     {"μαϊ", 5},
    {"μαι", 5},    {"μάϊ", 5},      {"juin", 6},     {"jun", 6},     {"giu", 6},     {"cze", 6},     {"červn", 6},
    {"červen", 6}, {"lip", 7},      {"jún", 6},      {"jún", 6},     {"iun", 6},     {"haz", 6},     {"kesä", 6},
    {"июн", 6},    {"черв", 6},     {"юни", 6},      {"ιούν", 6},    {"ιουν", 6},    {"juil", 7},    {"jul", 7},
    {"lug", 7},    {"červenec", 7}, {"července", 7}, {"srp", 8},     {"júl", 7},     {"iul", 7},     {"tem", 7},
    {"heinä", 7},  {"июл", 7},      {"лип", 7},      {"юли", 7},     {"ιούλ", 7},    {"ιολ", 7},     {"ιουλ", 7},
    {"aug", 8},    {"août", 8},     {"aou", 8},      {"aoû", 8},     {"ago", 8},     {"sie", 8},     {"kolov", 8},
    {"ağu", 8},    {"elo", 8},      {"авг", 8},      {"серп", 8},    {"αύγ", 8},     {"αυγ", 8},     {"agu", 8},
    {"sep", 9},    {"set", 9},      {"wrz", 9},      {"září", 9},    {"zář", 9},     {"ruj", 9},     {"szept", 9},
    {"eyl", 9},    {"syys", 9},     {"сен", 9},      {"вер", 9},     {"сеп", 9},     {"σεπ", 9},     {"oct", 10},
    {"okt", 10},   {"out", 10},     {"ott", 10},     {"paź", 10},    {"říj", 10},    {"eki", 10},    {"loka", 10},
    {"окт", 10},   {"жов", 10},     {"οκτ", 10},     {"nov", 11},    {"lis", 11},    {"listop", 11}, {"stu", 11},
    {"kas", 11},   {"marras", 11},  {"ноя", 11},     {"лист", 11},   {"ное", 11},    {"νοέ", 11},    {"νοε", 11},
    {"dec", 12},   {"déc", 12},     {"dez", 12},     {"dic", 12},    {"des", 12},    {"gru", 12},    {"pros", 12},
    {"ara", 12},   {"joulu", 12},   {"дек", 12},     {"груд", 12},   {"δεκ", 12},    {"déc", 12},    {"jaan", 1},
    {"saus", 1},   {"ינו", 1},      {"يناير", 1},    {"جنوری", 1},   {"ژانویه", 1},  {"जन", 1},      {"มค", 1},
    {"มกรา", 1},   {"veebr", 2},    {"vas", 2},      {"פבר", 2},     {"فبراير", 2},  {"شباط", 2},    {"فوریه", 2},
    {"फ़र", 2},     {"फर", 2},       {"กพ", 2},       {"กุมภา", 2},    {"märts", 3},   {"kov", 3},     {"מרץ", 3},
    {"מרס", 3},    {"مارس", 3},     {"آذار", 3},     {"मार्च", 3},    {"मार", 3},     {"มีค", 3},      {"มีนา", 3},
    {"balan", 4},  {"אפר", 4},      {"أبريل", 4},    {"ابريل", 4},   {"نيسان", 4},   {"آوریل", 4},   {"अप्रैल", 4},
    {"अप्र", 4},    {"เมย", 4},      {"เมษา", 4},     {"gegu", 5},    {"maijs", 5},   {"מאי", 5},     {"مايو", 5},
    {"أيار", 5},   {"مه", 5},       {"मई", 5},       {"พค", 5},      {"พฤษภา", 5},   {"juuni", 6},   {"birž", 6},
    {"jūn", 6},    {"יונ", 6},      {"يونيو", 6},    {"حزيران", 6},  {"ژوئن", 6},    {"जून", 6},      {"มิย", 6},
    {"มิถุนา", 6},   {"juuli", 7},    {"liep", 7},     {"jūl", 7},     {"יול", 7},     {"يوليو", 7},   {"تموز", 7},
    {"ژوئیه", 7},  {"जुला", 7},      {"กค", 7},       {"กรกฎา", 7},   {"rugpj", 8},   {"אוג", 8},     {"أغسطس", 8},
    {"اغسطس", 8},  {"آب", 8},       {"اوت", 8},      {"अग", 8},      {"สค", 8},      {"สิงหา", 8},    {"rugs", 9},
    {"ספט", 9},    {"سبتمبر", 9},   {"أيلول", 9},    {"سپتامبر", 9}, {"सित", 9},     {"กย", 9},      {"กันยา", 9},
    {"spal", 10},  {"אוק", 10},     {"أكتوبر", 10},  {"اكتوبر", 10}, {"اکتبر", 10},  {"अक्टू", 10},    {"अक्तू", 10},
    {"ตค", 10},    {"ตุลา", 10},     {"lapkr", 11},   {"נוב", 11},    {"نوفمبر", 11}, {"نوامبر", 11}, {"नव", 11},
    {"พย", 11},    {"พฤศจิ", 11},    {"dets", 12},    {"gruodž", 12}, {"דצמ", 12},    {"ديسمبر", 12}, {"دسامبر", 12},
    {"दिस", 12},   {"ธค", 12},      {"ธันวา", 12},
};

struct zone_name {
    std::string_view name;
    int minutes;
};

// Sorted. Where a name is used for several zones, the one that most feeds mean (IST is India's).
constexpr zone_name zones[] = {
    {"a", -60},     {"acdt", 630}, {"acst", 570}, {"adt", -180}, {"aedt", 660},  {"aest", 600},  {"akdt", -480},
    {"akst", -540}, {"art", -180}, {"ast", -240}, {"at", -240},  {"awst", 480},  {"brst", -120}, {"brt", -180},
    {"bst", 60},    {"cat", 120},  {"cdt", -300}, {"ces", 120},  {"cest", 120},  {"cet", 60},    {"clst", -180},
    {"clt", -240},  {"cst", -360}, {"ct", -360},  {"eat", 180},  {"edt", -240},  {"eest", 180},  {"eet", 120},
    {"est", -300},  {"et", -300},  {"gmt", 0},    {"gst", 240},  {"hast", -600}, {"hkt", 480},   {"hst", -600},
    {"ict", 420},   {"idt", 180},  {"ist", 330},  {"jst", 540},  {"kst", 540},   {"m", -720},    {"mdt", -360},
    {"mest", 120},  {"mesz", 120}, {"met", 60},   {"mez", 60},   {"msd", 240},   {"msk", 180},   {"mst", -420},
    {"mt", -420},   {"n", 60},     {"ndt", -150}, {"npt", 345},  {"nst", -210},  {"nt", -210},   {"nzdt", 780},
    {"nzst", 720},  {"pdt", -420}, {"pht", 480},  {"pkt", 300},  {"pst", -480},  {"pt", -480},   {"sast", 120},
    {"sgt", 480},   {"sst", -660}, {"trt", 180},  {"ut", 0},     {"utc", 0},     {"wast", 120},  {"wat", 60},
    {"west", 60},   {"wet", 0},    {"wib", 420},  {"wit", 540},  {"wita", 480},  {"y", 720},     {"z", 0},
    {"zulu", 0},
};

struct close_calendar {
    void operator()(UCalendar* calendar) const noexcept { ucal_close(calendar); }
};

} // namespace

std::string fold_word(std::string_view word)
{
    std::string result;
    for (std::size_t at = 0; at < word.size();) {
        const decoded_character character = decode_utf8(word, at);
        if (character.length == 0)
            return result;
        if (character.value != '.')
            append_utf8(result, static_cast<char32_t>(u_tolower(static_cast<UChar32>(character.value))));
        at += character.length;
    }
    return result;
}

unsigned english_month(char a, char b, char c) noexcept
{
    constexpr auto key = [](char x, char y, char z) {
        return static_cast<unsigned>(x) << 16 | static_cast<unsigned>(y) << 8 | static_cast<unsigned>(z);
    };
    if (!is_alpha(a) || !is_alpha(b) || !is_alpha(c))
        return 0;
    switch (key(to_lower(a), to_lower(b), to_lower(c))) {
    case key('j', 'a', 'n'):
        return 1;
    case key('f', 'e', 'b'):
        return 2;
    case key('m', 'a', 'r'):
        return 3;
    case key('a', 'p', 'r'):
        return 4;
    case key('m', 'a', 'y'):
        return 5;
    case key('j', 'u', 'n'):
        return 6;
    case key('j', 'u', 'l'):
        return 7;
    case key('a', 'u', 'g'):
        return 8;
    case key('s', 'e', 'p'):
        return 9;
    case key('o', 'c', 't'):
        return 10;
    case key('n', 'o', 'v'):
        return 11;
    case key('d', 'e', 'c'):
        return 12;
    default:
        return 0;
    }
}

unsigned find_month(std::string_view folded) noexcept
{
    // English first: nine in ten feeds have it, and its months are told by three letters in all languages.
    if (folded.size() == 3)
        if (const unsigned english = english_month(folded[0], folded[1], folded[2]); english != 0)
            return english;
    std::size_t best = 0;
    unsigned month = 0;
    for (const month_name& each : months)
        if (each.start.size() > best && folded.substr(0, each.start.size()) == each.start) {
            best = each.start.size();
            month = each.month;
        }
    return month;
}

std::optional<int> find_half_day(std::string_view folded) noexcept
{
    if (folded == "am" || folded == "a" || folded == "오전" || folded == "πμ" || folded == "上午")
        return 0;
    if (folded == "pm" || folded == "p" || folded == "오후" || folded == "μμ" || folded == "下午")
        return 12;
    return std::nullopt;
}

std::optional<std::chrono::minutes> find_zone(std::string_view folded) noexcept
{
    const auto found = std::lower_bound(std::begin(zones), std::end(zones), folded,
                                        [](const zone_name& a, std::string_view b) { return a.name < b; });
    if (found == std::end(zones) || found->name != folded)
        return std::nullopt;
    return std::chrono::minutes(found->minutes);
}

std::optional<std::chrono::seconds> find_place(std::string_view name, std::chrono::local_seconds local)
{
    constexpr std::size_t longest = 48;
    if (name.size() > longest)
        return std::nullopt;
    UChar units[longest + 1] = {};
    std::transform(name.begin(), name.end(), units,
                   [](char c) { return static_cast<UChar>(static_cast<unsigned char>(c)); });
    UChar canonical[longest + 32];
    UErrorCode status = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(units, static_cast<std::int32_t>(name.size()), canonical, std::size(canonical), nullptr,
                                &status);
    if (U_FAILURE(status))
        return std::nullopt;
    const std::unique_ptr<void*, close_calendar> calendar(
        ucal_open(units, static_cast<std::int32_t>(name.size()), "en", UCAL_GREGORIAN, &status));
    if (U_FAILURE(status))
        return std::nullopt;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(local - day);
    ucal_setDateTime(calendar.get(), static_cast<int>(date.year()),
                     static_cast<int>(static_cast<unsigned>(date.month())) - 1,
                     static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(time.hours().count()),
                     static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()), &status);
    const double offset =
        ucal_get(calendar.get(), UCAL_ZONE_OFFSET, &status) + ucal_get(calendar.get(), UCAL_DST_OFFSET, &status);
    if (U_FAILURE(status))
        return std::nullopt;
    return std::chrono::seconds(static_cast<std::int64_t>(offset / 1000));
}

bool is_filler(std::string_view folded) noexcept
{
    static constexpr std::string_view known[] = {
        "at", "à",   "à",    "a",   "às", "de", "del", "of", "on", "um", "uhr", "den", "der", "le",   "kl", "om",
        "o",  "the", "alle", "ore", "st", "nd", "rd",  "th", "er", "г",  "р",   "в",   "h",   "года", "and"};
    return std::find(std::begin(known), std::end(known), folded) != std::end(known);
}

} // namespace feed::detail
