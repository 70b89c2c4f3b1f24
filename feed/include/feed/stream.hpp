#pragma once

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace feed {

namespace detail {
class incremental;
}

/// Takes a document piece by piece, as it comes from a network, and gives entries as soon as they have ended; in the
/// end the same document as `parse` of the whole.
///
///     feed::stream stream({.base_uri = url});
///     while (auto piece = connection.read()) {
///         if (!stream.add(*piece))
///             break;
///         for (const feed::entry& entry : stream.fresh_entries())
///             std::cout << entry.title.plain() << '\n';
///     }
///     feed::document document = std::move(stream).finish();
///
/// Pieces may be cut anywhere, within a tag or a character, and may be of one byte. The views in `options` must live
/// until `finish`.
///
/// What is read as it comes: XML in UTF-8, and in whatever else as long as it is ASCII. JSON, UTF-16, and what turns
/// out to be in another encoding or to hold control characters is kept, and read by `finish`: telling what it is takes
/// all of it. Beside the document's own memory a stream holds what has come of the tag or text that has not ended yet.
///
/// Thread safety: one thread at a time.
class stream {
public:
    explicit stream(const options& how = {});
    stream(stream&&) noexcept;
    stream& operator=(stream&&) noexcept;
    ~stream();

    /// Takes one more piece. Returns whether more is wanted: not once `limits::document` is reached.
    /// Throws: `std::bad_alloc` only.
    bool add(std::string_view piece);

    /// The entries that have ended since this was last called, in the order of the document. They are valid until the
    /// next call of `add` or `finish`, in whose document they are again.
    [[nodiscard]] std::span<const entry> fresh_entries();

    /// Ends the document; the stream is spent afterwards. Throws: `std::bad_alloc` only.
    [[nodiscard]] document finish() &&;

private:
    std::unique_ptr<detail::incremental> state_;
};

} // namespace feed
