#pragma once

#include "guest/next_visit.hpp"
#include "store/sqlite.hpp"

#include <map>
#include <optional>
#include <string>

namespace rssmania {

/// The sites that have asked to be left alone (429, 503), and for how long: few, so they are all in memory, with the
/// table `sites` behind them.
///
/// Throws: `sqlite::error`, from all members.
class site_table {
public:
    explicit site_table(sqlite::database& db);

    /// How often in a row `site` has said that it is busy.
    [[nodiscard]] int busy_answers(const std::string& site) const;
    /// Until when nothing of `site` is asked; nothing if it may be.
    [[nodiscard]] std::optional<due_time> free_at(const std::string& site) const;

    /// `site` said that it is busy, and is left alone until then.
    void note_busy(const std::string& site, due_time free_at);
    /// `site` has answered as usual.
    void note_free(const std::string& site);

private:
    struct busy_site {
        int answers = 0;
        due_time free_at;
    };

    sqlite::database& db_;
    std::map<std::string, busy_site> busy_;
};

} // namespace rssmania
