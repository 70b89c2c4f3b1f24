// feed_benchmark [--passes N] [--feedparser] PATH...
//
// Reads the documents (files, or all files below folders) with this parser and with others, in turns within each pass
// so that a noisy machine disturbs all alike, and prints the median speed of each, by the time of the processor, with
// its ratio to expat's. With --feedparser, Python's feedparser reads them too, once.
#include <feed/feed.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#ifdef HAS_EXPAT
#include <expat.h>
#endif
#ifdef HAS_LIBXML2
#include <libxml/parser.h>
#include <libxml/tree.h>
#endif
#ifdef HAS_PUGIXML
#include <pugixml.hpp>
#endif

namespace {

struct rival {
    std::string name;
    std::function<std::size_t(const std::string&)> read; // gives something that depends on the work
    std::vector<double> seconds = {};
};

std::size_t read_with_feed(const std::string& bytes, bool clean)
{
    feed::options how;
    how.sanitise = clean;
    how.resolve_markup = clean;
    how.markup = feed::markup_policy::compatible;
    how.base_uri = "http://example.org/feed";
    return feed::parse(std::string_view(bytes), how).entries.size();
}

#ifdef HAS_EXPAT
std::size_t read_with_expat(const std::string& bytes)
{
    XML_Parser parser = XML_ParserCreateNS(nullptr, ' ');
    std::size_t seen = 0;
    XML_SetUserData(parser, &seen);
    XML_SetElementHandler(
        parser, [](void* data, const XML_Char*, const XML_Char**) { ++*static_cast<std::size_t*>(data); },
        [](void*, const XML_Char*) {});
    XML_SetCharacterDataHandler(parser, [](void* data, const XML_Char*, int length) {
        *static_cast<std::size_t*>(data) += static_cast<std::size_t>(length);
    });
    XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), 1);
    XML_ParserFree(parser);
    return seen;
}
#endif

#ifdef HAS_LIBXML2
std::size_t read_with_libxml2(const std::string& bytes)
{
    std::size_t seen = 0;
    xmlSAXHandler handler = {};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = [](void* data, const xmlChar*, const xmlChar*, const xmlChar*, int, const xmlChar**, int,
                                int, const xmlChar**) { ++*static_cast<std::size_t*>(data); };
    handler.characters = [](void* data, const xmlChar*, int length) {
        *static_cast<std::size_t*>(data) += static_cast<std::size_t>(length);
    };
    xmlParserCtxtPtr context = xmlCreatePushParserCtxt(&handler, &seen, nullptr, 0, nullptr);
    xmlCtxtUseOptions(context,
                      XML_PARSE_RECOVER | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
    xmlParseChunk(context, bytes.data(), static_cast<int>(bytes.size()), 1);
    xmlFreeParserCtxt(context);
    return seen;
}
#endif

#ifdef HAS_PUGIXML
std::size_t read_with_pugixml(const std::string& bytes)
{
    pugi::xml_document document;
    document.load_buffer(bytes.data(), bytes.size());
    return static_cast<std::size_t>(std::distance(document.begin(), document.end()));
}
#endif

std::vector<std::string> load(const std::vector<std::string>& paths)
{
    std::vector<std::string> documents;
    const auto add = [&](const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        documents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    };
    for (const std::string& path : paths) {
        if (std::filesystem::is_directory(path)) {
            for (const auto& each : std::filesystem::recursive_directory_iterator(path))
                if (each.is_regular_file())
                    add(each.path());
        } else {
            add(path);
        }
    }
    return documents;
}

double median(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double time_feedparser(const std::vector<std::string>& paths)
{
    std::string command =
        "/usr/bin/python3 -c \"import sys,os,time,feedparser\n"
        "docs=[]\n"
        "for p in sys.argv[1:]:\n"
        "  for f in ([os.path.join(r,n) for r,_,ns in os.walk(p) for n in ns] if os.path.isdir(p) else [p]):\n"
        "    docs.append(open(f,'rb').read())\n"
        "t=time.process_time()\n"
        "for d in docs:\n"
        "  try: feedparser.parse(d)\n"
        "  except Exception: pass\n"
        "print(time.process_time()-t)\"";
    for (const std::string& path : paths)
        command.append(" '").append(path).append("'");
    std::FILE* const pipe = popen(command.c_str(), "r");
    char line[64] = "0";
    const bool answered = pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr;
    if (pipe != nullptr)
        pclose(pipe);
    return answered ? std::strtod(line, nullptr) : 0;
}

std::vector<rival> all_rivals()
{
    std::vector<rival> rivals;
#ifdef HAS_EXPAT
    rivals.push_back({"expat, with handlers", read_with_expat});
#endif
    rivals.push_back(
        {"feed, sanitising and addresses off", [](const std::string& text) { return read_with_feed(text, false); }});
    rivals.push_back({"feed, both on", [](const std::string& text) { return read_with_feed(text, true); }});
#ifdef HAS_LIBXML2
    rivals.push_back({"libxml2 SAX2, recovering", read_with_libxml2});
#endif
#ifdef HAS_PUGIXML
    rivals.push_back({"pugixml (a tree, no checks)", read_with_pugixml});
#endif
    return rivals;
}

} // namespace

int main(int count, char** arguments)
{
    int passes = 5;
    bool with_feedparser = false;
    std::vector<std::string> paths;
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        if (word == "--passes" && i + 1 < count)
            passes = std::atoi(arguments[++i]);
        else if (word == "--feedparser")
            with_feedparser = true;
        else
            paths.push_back(word);
    }
    const std::vector<std::string> documents = load(paths);
    std::size_t bytes = 0;
    for (const std::string& each : documents)
        bytes += each.size();
    if (bytes == 0) {
        std::cerr << "usage: feed_benchmark [--passes N] [--feedparser] PATH...\n";
        return 2;
    }
    std::vector<rival> rivals = all_rivals();
    std::size_t work = 0;
    for (int pass = 0; pass < passes; ++pass)
        for (rival& each : rivals) {
            const std::clock_t start = std::clock();
            for (const std::string& text : documents)
                work += each.read(text);
            each.seconds.push_back(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
        }
    const double reference = median(rivals.front().seconds);
    const double megabytes = static_cast<double>(bytes) / 1e6;
    std::printf("%zu documents, %.1f MB, median of %d passes (%zu)\n", documents.size(), megabytes, passes, work % 10);
    for (const rival& each : rivals)
        std::printf("%-38s %9.1f MB/s   %6.2f\n", each.name.c_str(), megabytes / median(each.seconds),
                    reference / median(each.seconds));
    if (with_feedparser)
        if (const double seconds = time_feedparser(paths); seconds > 0)
            std::printf("%-38s %9.1f MB/s   %6.4f\n", "feedparser (Python)", megabytes / seconds, reference / seconds);
    return 0;
}
