#pragma once

#include "announce/printer.hpp"
#include "announce/told.hpp"
#include "rules/match.hpp"

#include <ruche/queue.hpp>
#include <ruche/stop.hpp>

#include <functional>

namespace rssmania {

/// How news is told.
struct telling {
    news_look look;
    article_match match; ///< articles of which it doesn't hold count as told, and aren't printed

    /// Puts the content of its article into an event, which comes without; called where `look` or `match` needs it.
    std::function<void(news&)> complete = {};

    std::function<void()> before = {};          ///< called before something is printed
    std::function<void(const news&)> told = {}; ///< called for each event once it is noted
    std::function<void()> alive = {};           ///< called now and then, at least every second or so
};

/// What a condition looks at of the article of `event`, which must outlive it.
[[nodiscard]] match_subject subject_of(const news& event);

/// Tells the news from `events` until `stop`, or until the queue is closed and empty. Each event is one write, noted
/// in `told` right after; events that are noted already are skipped. Throws: `ruche::os_error` if standard output
/// fails.
void tell_news(ruche::queue<news> events, told_position& told, const telling& how, const ruche::stop_token& stop);

} // namespace rssmania
