// bare_fetch PORT FEEDS [VERSION]: the least that asking costs. Downloads so many feeds of a feed_farm, 64 at a time,
// with libcurl, undoes their compression and throws them away; with VERSION conditionally, as one who has that one
// already.
#include <curl/curl.h>
#include <fmt/format.h>

#include <string>

namespace {

std::size_t throw_away(char*, std::size_t size, std::size_t count, void*) { return size * count; }

struct loop {
    CURLM* multi = curl_multi_init();
    std::string port;
    int feeds = 0;
    int next = 0;
    int version = -1;

    void begin(CURL* easy)
    {
        if (next == feeds) {
            curl_easy_cleanup(easy);
            return;
        }
        curl_easy_setopt(easy, CURLOPT_URL, fmt::format("http://127.0.0.1:{}/feed/{}", port, next).c_str());
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &throw_away);
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        curl_slist* headers = nullptr;
        if (version >= 0) {
            headers = curl_slist_append(nullptr, fmt::format("If-None-Match: \"{}-{}\"", next, version).c_str());
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        }
        curl_easy_setopt(easy, CURLOPT_PRIVATE, headers);
        ++next;
        curl_multi_add_handle(multi, easy);
    }
};

} // namespace

int main(int count, char** arguments)
{
    if (count < 3)
        return 2;
    loop all{
        .port = arguments[1], .feeds = std::stoi(arguments[2]), .version = count > 3 ? std::stoi(arguments[3]) : -1};
    for (int i = 0; i < 64 && all.next < all.feeds; ++i)
        all.begin(curl_easy_init());
    for (int running = 1, done = 0; done < all.feeds;) {
        curl_multi_perform(all.multi, &running);
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(all.multi, &left)) {
            CURL* easy = message->easy_handle;
            curl_slist* headers = nullptr;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &headers);
            curl_multi_remove_handle(all.multi, easy);
            curl_slist_free_all(headers);
            ++done;
            all.begin(easy);
        }
        if (done < all.feeds)
            curl_multi_poll(all.multi, nullptr, 0, 1000, nullptr);
    }
    curl_multi_cleanup(all.multi);
}
