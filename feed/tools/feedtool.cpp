// feedtool parse [--batch | --summary | --explain] [--header 'name: value']... [FILE]
//
// A feed, from FILE or standard input, as JSON; or many, a path a line (--batch).
//
// feedtool clean [--strict | --compatible]
//
// Pieces of markup, each ended by a NUL, sanitised, in the same form.
#include <feed_command/parse.hpp>

#include <feed/html.hpp>

#include <iostream>

namespace {

int clean(feed::markup_policy policy)
{
    std::string markup;
    while (std::getline(std::cin, markup, '\0'))
        std::cout << feed::sanitise_html(markup, {.policy = policy}) << '\0';
    return 0;
}

} // namespace

int main(int count, char** arguments)
{
    std::ios::sync_with_stdio(false);
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (!words.empty() && words.front() == "clean")
        return clean(words.back() == "--compatible" ? feed::markup_policy::compatible : feed::markup_policy::strict);
    if (words.empty() || words.front() != "parse") {
        std::cerr << "usage: feedtool clean [--strict | --compatible]\n"
                     "       feedtool parse [--batch | --summary | --explain] [--header 'name: value']... [FILE]\n";
        return 2;
    }
    feed_command::headers about;
    std::string mode;
    std::string path;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i] == "--header" && i + 1 < words.size()) {
            if (auto header = feed_command::read_header(words[++i]))
                about.push_back(std::move(*header));
        } else if (words[i].substr(0, 2) == "--") {
            mode = words[i];
        } else {
            path = words[i];
        }
    }
    if (mode == "--batch") {
        feed_command::answer_batch(std::cin, std::cout, feed_command::read_whole_file);
        return 0;
    }
    auto bytes = path.empty() ? feed_command::read_to_end(std::cin) : feed_command::read_whole_file(path);
    if (!bytes) {
        std::cerr << "feedtool: cannot read " << (path.empty() ? "standard input" : path) << '\n';
        return 1;
    }
    if (mode == "--summary")
        std::cout << feed_command::summarise(std::move(*bytes), about);
    else if (mode == "--explain")
        std::cout << feed_command::explain(std::move(*bytes), about);
    else
        std::cout << feed_command::parse_to_json(std::move(*bytes), about) << '\n';
    return 0;
}
