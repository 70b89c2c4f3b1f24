#include "store/site_table.hpp"

namespace rssmania {

site_table::site_table(sqlite::database& db) : db_(db)
{
    auto query = db_.prepare("SELECT site, busy_answers, free_at FROM sites");
    while (query.next())
        busy_[query.text(0)] = {static_cast<int>(query.integer(1)),
                                due_time(std::chrono::milliseconds(query.integer(2)))};
}

int site_table::busy_answers(const std::string& site) const
{
    const auto found = busy_.find(site);
    return found == busy_.end() ? 0 : found->second.answers;
}

std::optional<due_time> site_table::free_at(const std::string& site) const
{
    const auto found = busy_.find(site);
    return found == busy_.end() ? std::nullopt : std::optional(found->second.free_at);
}

void site_table::note_busy(const std::string& site, due_time free_at)
{
    busy_site& state = busy_[site];
    ++state.answers;
    state.free_at = std::max(state.free_at, free_at);
    db_.prepare("INSERT INTO sites (site, busy_answers, free_at) VALUES (?1, ?2, ?3) "
                "ON CONFLICT (site) DO UPDATE SET busy_answers = ?2, free_at = ?3")
        .execute(site, state.answers, state.free_at.time_since_epoch().count());
}

void site_table::note_free(const std::string& site)
{
    if (busy_.erase(site) != 0)
        db_.prepare("DELETE FROM sites WHERE site = ?").execute(site);
}

} // namespace rssmania
