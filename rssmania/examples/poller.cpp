// The tutorial's program: two workers and a main, joined by queues. Notice what is missing: no guard around main, no
// lock, no control queue, no time-out, and nothing to tidy up on Ctrl+C.
//
//     poller [--once] ADDRESS…
#include <ruche/process.hpp>
#include <ruche/queue.hpp>

#include <feed/feed.hpp>

#include <curl/curl.h>

#include <chrono>
#include <iostream>
#include <set>
#include <string>
#include <vector>

struct page {
    std::string address, bytes;
}; // what travels are plain structs
struct news {
    std::string title;
    std::vector<std::string> links;
};

std::size_t collect(char* bytes, std::size_t size, std::size_t count, void* page_bytes)
{
    static_cast<std::string*>(page_bytes)->append(bytes, size * count);
    return size * count;
}

void fetch(ruche::stop_token stop, ruche::queue<std::string> due, ruche::queue<page> pages)
{
    CURL* transfer = curl_easy_init();
    while (auto address = due.pop(stop)) { // empty once a stop is requested
        page got{*address, {}};
        curl_easy_setopt(transfer, CURLOPT_URL, address->c_str());
        curl_easy_setopt(transfer, CURLOPT_FOLLOWLOCATION, 1L);
        curl_easy_setopt(transfer, CURLOPT_WRITEFUNCTION, collect);
        curl_easy_setopt(transfer, CURLOPT_WRITEDATA, &got.bytes);
        if (const CURLcode code = curl_easy_perform(transfer); code != CURLE_OK)
            std::cerr << *address << ": " << curl_easy_strerror(code) << '\n';
        pages.push(got);
    }
    curl_easy_cleanup(transfer);
}

void parse(ruche::stop_token stop, ruche::queue<page> pages, ruche::queue<news> found)
{
    std::set<std::string> seen;
    while (auto page = pages.pop(stop)) {
        const feed::document document = feed::parse(page->bytes, {.base_uri = page->address});
        news fresh{document.title.plain(), {}};
        for (const auto& entry : document.entries)
            if (std::string link(entry.link); seen.insert(link).second)
                fresh.links.push_back(link);
        found.push(fresh);
    }
}

int main(int count, char** words)
{
    const ruche::stop_token stop = ruche::stop_on_signals(); // Ctrl+C asks everybody to stop
    const bool once = count > 1 && std::string(words[1]) == "--once";
    const std::vector<std::string> addresses(words + (once ? 2 : 1), words + count);

    ruche::queue<std::string> due;
    ruche::queue<page> pages;
    ruche::queue<news> found;
    const ruche::process fetcher(fetch, due, pages), parser(parse, pages, found);
    do {
        for (const auto& address : addresses)
            due.push(address);
        for (std::size_t answered = 0; answered < addresses.size() && !stop.stop_requested(); ++answered)
            if (const auto fresh = found.pop(stop); fresh && !fresh->links.empty()) {
                std::cout << "Latest articles of " << fresh->title << ":\n";
                for (const auto& link : fresh->links)
                    std::cout << "- " << link << '\n';
            }
    } while (!once && !found.pop_for(std::chrono::minutes(5), stop) && !stop.stop_requested());
    std::cout << "Fin des haricots\n";
}
