#pragma once

#include "announce/printer.hpp"
#include "announce/told.hpp"

#include <ruche/queue.hpp>
#include <ruche/stop.hpp>

namespace rssmania {

/// Prints the news from `events` until `stop`, or until the queue is closed and empty. Each event is one write, noted
/// in `told` right after; events that are noted already are skipped. Throws `ruche::os_error` if standard output fails.
void tell_news(ruche::queue<news> events, told_position& told, news_format format, const ruche::stop_token& stop);

} // namespace rssmania
