#pragma once

#include "pipeline/messages.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rssmania {

/// A template can't be read; what it says names the place.
class template_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How an article is written, in the user's words with fields in braces:
///
///     news_template line("{published:%d.%m.} {feed:20}  {title}\n{link}\n");
///     std::cout << line.fill(event);
///
/// Fields: `title`, `link`, `author`, `id`, `feed` (its title), `url` (its address), `text` (the content without its
/// markup), `published`, `updated`, `event` (a number that is never used twice), `tags`. `{title:40}` cuts at 40
/// characters; `{published:%Y-%m-%d %H:%M}` writes a time so (`%Y %m %d %H %M %S %y %j %e %a %A %b %B %F %T %R %z %%`).
/// `{{` and `}}` are braces, `\n`, `\t` and `\\` what they are in C. A field that the feed doesn't say is empty. The
/// last line ends by itself.
///
/// Nothing that a feed says reaches the terminal unfiltered, whatever the template.
/// Throws: `template_error` by the constructor.
class news_template {
public:
    news_template() = default;
    explicit news_template(std::string_view text);

    [[nodiscard]] std::string fill(const news& event) const;
    [[nodiscard]] bool empty() const noexcept { return pieces_.empty(); }

private:
    enum class field { literal, title, link, author, id, feed, url, text, published, updated, event, tags };
    struct piece {
        field what = field::literal;
        std::string text;     // a literal, or how a time is written
        std::size_t most = 0; // characters; 0: all
    };

    [[nodiscard]] static std::string value_of(const piece& which, const news& event);
    void read_field(std::string_view inside, std::size_t column);

    std::vector<piece> pieces_;
};

} // namespace rssmania
