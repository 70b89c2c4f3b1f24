#pragma once

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <string>
#include <string_view>

namespace feed {

/// Takes a document piece by piece, as it comes from a network, and gives the same as `parse` of the whole.
///
///     feed::stream stream({.base_uri = url});
///     while (auto piece = connection.read())
///         if (!stream.add(*piece))
///             break;
///     feed::document document = std::move(stream).finish();
///
/// Pieces may be cut anywhere, within a tag or a character. The views in `options` must live until `finish`.
/// Thread safety: one thread at a time.
class stream {
public:
    explicit stream(const options& how = {}) : how_(how) {}

    /// Takes one more piece. Returns whether more is wanted: not once `limits::document` is reached.
    [[nodiscard]] bool add(std::string_view piece);

    /// Reads what was taken; the stream is spent afterwards. Throws: `std::bad_alloc` only.
    [[nodiscard]] document finish() &&;

private:
    options how_;
    std::string bytes_;
};

} // namespace feed
