#include "guest/moving.hpp"

namespace rssmania {

bool note_move(move_sightings& known, const std::string& target, unix_time now, const move_rules& rules)
{
    if (target.empty()) {
        known = {};
        return false;
    }
    if (target != known.target)
        known = {.target = target, .seen = 0, .first = now};
    ++known.seen;
    return known.seen >= rules.seen && now - known.first.value_or(now) >= rules.over;
}

} // namespace rssmania
