#pragma once

#include "problems.hpp"
#include "text/encoding.hpp"
#include "xml/scope.hpp"

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <string_view>

/// What reading a document whole and reading it in pieces have in common.
namespace feed::detail {

/// Whether a document is JSON, by its first bytes (as text) and its media type.
[[nodiscard]] bool is_json(std::string_view start, const options& how);

/// Notes what was wrong with the encoding.
void note_decoding(const decoding& decoded, problem_log& problems);

/// Notes a media type that is none of a feed, if there is one at all.
void check_media_type(const options& how, bool json, problem_log& problems);

/// What is known of the format only at the end: by the namespaces in use, and the first bytes of the text.
void settle_format(document& result, const scope& names, bool netscape, std::string_view start);

/// What a document that is no feed is instead, in words.
[[nodiscard]] std::string_view find_reason(std::string_view start);

} // namespace feed::detail
