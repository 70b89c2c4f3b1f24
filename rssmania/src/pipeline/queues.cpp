#include "pipeline/queues.hpp"

namespace rssmania {
namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20U;

} // namespace

pipeline_queues make_queues()
{
    // What is due holds an address of 8 KB and validators of 2 KB at most, an outcome the validators: all that can be
    // under way fits. Bodies and articles may be large, and wait there for the next stage; news waits for main.
    return {.due_feeds = ruche::queue<due>({.bytes = 2 * megabyte, .name = "due"}),
            .answers = ruche::queue<fetched>({.bytes = megabyte, .large_bytes = 32 * megabyte, .name = "answers"}),
            .visits = ruche::queue<visited>({.bytes = megabyte, .large_bytes = 48 * megabyte, .name = "visits"}),
            .events = ruche::queue<news>({.bytes = megabyte, .name = "news"}),
            .outcomes = ruche::queue<outcome>({.bytes = megabyte, .name = "outcomes"})};
}

} // namespace rssmania
