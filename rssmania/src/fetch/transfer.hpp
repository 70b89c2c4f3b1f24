#pragma once

#include "fetch/http_client.hpp"
#include "fetch/memory_budget.hpp"

#include <curl/curl.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

namespace rssmania {

/// One request of an `http_client` on its way through redirects to an answer.
///
/// Redirects are followed here, hop by hop, and not by curl: each is checked, and later work wants to see them one by
/// one (which were permanent, who may have the password).
class transfer {
public:
    transfer(http_request request, const http_options& options, memory_budget& memory);
    ~transfer();
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

    /// Whether the request may be made at all; if not, `answer` says why.
    [[nodiscard]] bool may_start();

    /// Takes note of what curl says of the hop just done. Returns whether there is another, which is then set up.
    [[nodiscard]] bool goes_on_after(CURLcode result);

    [[nodiscard]] http_answer answer();

    /// Whether it waits for memory, and lets it try again.
    [[nodiscard]] bool is_paused() const noexcept { return paused_; }
    void go_on();

private:
    struct cleanup {
        void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
        void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    };
    using clock = std::chrono::steady_clock;

    void set_up();
    void set_up_hop();
    void set_up_access();
    void give_back_memory();
    [[nodiscard]] bool may_be_local() const;
    [[nodiscard]] bool is_too_slow();
    void set_headers_of_hop();
    [[nodiscard]] problem why_failed(CURLcode result) const;
    [[nodiscard]] problem why_not_by_proxy(const std::string& url) const;
    [[nodiscard]] bool follow(const std::string& location);
    void keep_answer();
    [[nodiscard]] std::string header(const char* name) const;
    void fail(problem_kind kind, std::string detail = {}) { answer_.wrong = {kind, std::move(detail)}; }

    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
    static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
    static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;

    std::unique_ptr<CURL, cleanup> easy_;
    std::unique_ptr<curl_slist, cleanup> headers_;
    http_request request_;
    const http_options& options_; // the client's, which outlives us
    memory_budget& memory_;       // likewise
    http_answer answer_;
    clock::time_point begun_ = clock::now();
    clock::time_point hop_begun_ = begun_;
    std::string first_url_;      // as asked for; request_.url is that of the hop
    bool only_permanent_ = true; // all redirects so far were 301 or 308
    bool conditional_ = false;   // this hop's request has a condition
    bool asked_for_delta_ = false;
    bool handed_over_ = false;       // the answer, with the memory that it takes
    bool paused_ = false;            // curl holds the body back until there is memory for it
    clock::time_point window_begun_; // in which there must be some bytes
    std::size_t window_from_ = 0;    // how many there were when it began
    std::set<std::string> seen_;     // the addresses asked, to notice a circle
    std::size_t header_bytes_ = 0;
    int header_lines_ = 0;
    // Why one of our callbacks made curl stop, since curl itself can't know.
    problem stopped_;
};

} // namespace rssmania
