#pragma once

#include "fetch/http_client.hpp"

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
    transfer(http_request request, const http_options& options);
    ~transfer() = default;
    transfer(const transfer&) = delete;
    transfer& operator=(const transfer&) = delete;

    [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }

    /// Whether the request may be made at all; if not, `answer` says why.
    [[nodiscard]] bool may_start();

    /// Takes note of what curl says of the hop just done. Returns whether there is another, which is then set up.
    [[nodiscard]] bool goes_on_after(CURLcode result);

    [[nodiscard]] http_answer answer()
    {
        answer_.facts.bytes = answer_.body.size();
        answer_.facts.took = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begun_);
        return std::move(answer_);
    }

private:
    struct cleanup {
        void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
        void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
    };
    using clock = std::chrono::steady_clock;

    void set_up();
    void set_up_hop();
    void set_headers_of_hop();
    [[nodiscard]] problem why_failed(CURLcode result) const;
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
    http_answer answer_;
    clock::time_point begun_ = clock::now();
    clock::time_point hop_begun_ = begun_;
    std::string first_url_;      // as asked for; request_.url is that of the hop
    bool only_permanent_ = true; // all redirects so far were 301 or 308
    bool conditional_ = false;   // this hop's request has a condition
    std::set<std::string> seen_; // the addresses asked, to notice a circle
    std::size_t header_bytes_ = 0;
    int header_lines_ = 0;
    // Why one of our callbacks made curl stop, since curl itself can't know.
    problem stopped_;
};

} // namespace rssmania
