// How much memory a large document takes: every allocation of this program is counted.
#include <feed/feed.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::size_t> in_use = 0; // relaxed everywhere: one thread counts
std::atomic<std::size_t> peak = 0;

void* counted(std::size_t size)
{
    void* const memory = std::malloc(size);
    if (memory == nullptr)
        throw std::bad_alloc();
    const std::size_t now = in_use += malloc_usable_size(memory);
    peak = std::max(peak.load(), now);
    return memory;
}

void give_back(void* memory) noexcept
{
    in_use -= malloc_usable_size(memory);
    std::free(memory);
}

constexpr std::size_t large = 10'000'000;

std::string make_rss()
{
    std::string text = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Large</title>\n";
    for (int i = 0; text.size() < large; ++i) {
        const std::string number = std::to_string(i);
        text.append("<item><title>Entry &amp; ").append(number).append("</title><link>http://e.org/").append(number);
        text.append("</link><guid>http://e.org/").append(number).append("</guid><dc:creator>Ann</dc:creator>");
        text.append("<category>one</category><category>two</category><pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate>");
        text.append("<description>&lt;p&gt;").append(900, 'w').append("&lt;/p&gt;</description></item>\n");
    }
    return text.append("</channel></rss>");
}

std::string make_atom()
{
    std::string text = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Large</title>\n";
    for (int i = 0; text.size() < large; ++i) {
        const std::string number = std::to_string(i);
        text.append("<entry><title>Entry ").append(number).append("</title><link href='http://e.org/").append(number);
        text.append("'/><id>urn:").append(number).append("</id><updated>2004-01-01T19:48:21Z</updated>");
        text.append("<author><name>Ann</name></author><content type='html'>&lt;p>").append(1500, 'w');
        text.append("&lt;/p></content></entry>\n");
    }
    return text.append("</feed>");
}

// How many times its own size reading `bytes` takes at its height, the bytes themselves included.
double times_its_size(std::string bytes)
{
    const auto size = static_cast<double>(bytes.size());
    const std::size_t before = in_use - bytes.capacity();
    peak = in_use.load();
    const feed::document document = feed::parse(std::move(bytes));
    EXPECT_GT(document.entries.size(), 1000U);
    return static_cast<double>(peak - before) / size;
}

} // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::size_t) noexcept { give_back(memory); }

TEST(memory, ten_megabytes_of_rss_take_at_most_three_times_their_size) { EXPECT_LE(times_its_size(make_rss()), 3.0); }

TEST(memory, ten_megabytes_of_atom_take_at_most_three_times_their_size) { EXPECT_LE(times_its_size(make_atom()), 3.0); }

TEST(memory, a_stream_of_ten_megabytes_takes_no_more_either)
{
    const std::string bytes = make_rss();
    const std::size_t before = in_use;
    peak = before;
    feed::stream stream;
    for (std::size_t at = 0; at < bytes.size(); at += 16'384)
        stream.add(std::string_view(bytes).substr(at, 16'384));
    const feed::document document = std::move(stream).finish();
    EXPECT_LE(static_cast<double>(peak - before) / static_cast<double>(bytes.size()), 3.0);
}
