#pragma once

namespace rssmania {

/// Has this process give large blocks back to the system as soon as they are free. The C library keeps those that it
/// has seen once, for the next; a stage that had one large body in its hands would keep that much for ever.
void give_memory_back_early();

} // namespace rssmania
