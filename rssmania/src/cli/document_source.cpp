#include "cli/document_source.hpp"

#include "announce/words.hpp"
#include "fetch/http_client.hpp"
#include "net/url.hpp"
#include "parse/decode.hpp"
#include "text/printable.hpp"
#include "text/translate.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace rssmania::cli {
namespace {

[[noreturn]] void fail(const std::string& url, const problem& wrong)
{
    throw std::runtime_error(printable_url(without_secrets(url)) + ": " + words_for(wrong));
}

http_answer ask(const std::string& url, bool allow_local)
{
    http_client client({.limits = {}, .allow_local = allow_local});
    client.start({.tag = 0, .url = url, .known = {}, .known_from = {}});
    // The client's own limits end it; that is a matter of a minute.
    while (true) {
        for (http_answer& answer : client.wait(std::chrono::seconds(1)))
            return std::move(answer);
    }
}

read_document read_address(const std::string& typed, bool allow_local)
{
    const std::string url = complete_address(typed);
    if (const problem wrong = why_not_asked(url))
        fail(url, wrong);
    http_answer answer = ask(url, allow_local);
    if (answer.wrong)
        fail(url, answer.wrong);
    decoded plain = decode(std::move(answer.body), answer.content_encoding);
    if (plain.wrong)
        fail(url, plain.wrong);
    read_document result{std::move(plain.body), {{"url", without_secrets(answer.facts.url)}}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty())
            result.about.emplace_back(name, value);
    };
    add("content-type", answer.content_type);
    add("etag", answer.facts.fresh.etag);
    add("last-modified", answer.facts.fresh.last_modified);
    return result;
}

} // namespace

bool is_address(const std::string& source)
{
    std::error_code unreadable;
    if (std::filesystem::exists(source, unreadable))
        return false;
    return source.find("://") != std::string::npos || source.starts_with("feed:");
}

read_document read_source(const std::string& source, bool allow_local)
{
    if (is_address(source))
        return read_address(source, allow_local);
    const bool standard_input = source.empty() || source == "-";
    auto bytes = standard_input ? feed_command::read_to_end(std::cin) : feed_command::read_whole_file(source);
    if (!bytes)
        throw std::runtime_error(
            standard_input
                ? tr_fill("can't read standard input")
                : tr_fill("can't read {}: no such file? An address begins with https://", printable(source)));
    return {std::move(*bytes), {}};
}

} // namespace rssmania::cli
