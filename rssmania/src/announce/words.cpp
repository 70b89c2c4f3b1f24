#include "announce/words.hpp"

#include "text/printable.hpp"
#include "text/translate.hpp"

#include <charconv>

namespace rssmania {
namespace {

std::string words_for_status(const std::string& status)
{
    if (status == "404")
        return tr("not found (404)");
    if (status == "410")
        return tr("gone for good (410)");
    if (status == "401" || status == "403")
        return tr_fill("the server denies access ({})", status);
    if (status == "429")
        return tr("the server asks us to come less often (429)");
    if (status.starts_with('5'))
        return tr_fill("the server is in trouble ({})", status);
    return tr_fill("the server answered with status {}", status);
}

std::string words_for_too_large(const std::string& bytes)
{
    std::uint64_t limit = 0;
    std::from_chars(bytes.data(), bytes.data() + bytes.size(), limit);
    if (limit >= 1U << 20U)
        return tr_fill("too large: more than {} MB", limit >> 20U);
    return tr_fill("too large: more than {} bytes", limit);
}

} // namespace

std::string words_for(const problem& wrong)
{
    const std::string detail = printable(wrong.detail);
    switch (wrong.kind) {
    case problem_kind::none:
        return tr("all is well");
    case problem_kind::bad_address:
        return tr_fill("not an address we ask: {}", detail);
    case problem_kind::unreachable:
        return tr_fill("no answer: {}", detail);
    case problem_kind::refused_address:
        return tr_fill("refused: {} is not a public address (--allow-local admits it)", detail);
    case problem_kind::no_first_byte:
        return tr_fill("too slow: no answer within {} s", detail);
    case problem_kind::too_slow:
        return tr_fill("too slow: not finished within {} s", detail);
    case problem_kind::too_large:
        return words_for_too_large(wrong.detail);
    case problem_kind::headers_too_large:
        return tr("too many headers in the answer");
    case problem_kind::too_many_hops:
        return tr_fill("more than {} redirects", detail);
    case problem_kind::redirect_circle:
        return tr_fill("redirects in a circle, by {}", detail);
    case problem_kind::redirect_refused:
        return tr_fill("redirects to where we don't go: {}", detail);
    case problem_kind::truncated:
        return tr("the connection ended before the feed did");
    case problem_kind::http_status:
        return words_for_status(detail);
    case problem_kind::bad_encoding:
        return tr_fill("can't be decompressed: {}", detail);
    case problem_kind::bomb:
        return tr("too large: it decompresses without end");
    case problem_kind::not_a_feed:
        return tr_fill("no feed there: {}", detail);
    case problem_kind::damaged:
        return tr_fill("malformed, read as well as possible: {}", detail);
    case problem_kind::stage_died:
        return tr_fill("given up: a process died of it several times ({})", detail);
    case problem_kind::offline:
        return tr("no network here: feeds are asked again when it is back");
    case problem_kind::too_hard:
        return wrong.detail == "memory" ? tr("given up: to read it takes too much memory")
                                        : tr("given up: to read it takes too much time");
    }
    return tr_fill("trouble number {}", static_cast<int>(wrong.kind));
}

} // namespace rssmania
