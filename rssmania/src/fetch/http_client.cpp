#include "fetch/http_client.hpp"

#include "fetch/memory_budget.hpp"
#include "fetch/transfer.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>
#include <utility>

namespace rssmania {
namespace {

// curl's global state is the process's own: set up once, when first needed, and left to the end of the process.
void initialise_curl()
{
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
        throw std::runtime_error(std::string("initialise curl: ") + curl_easy_strerror(result));
}

void check(CURLMcode result, const char* doing)
{
    if (result != CURLM_OK)
        throw std::runtime_error(std::string(doing) + ": " + curl_multi_strerror(result));
}

} // namespace

class http_client::implementation {
    static constexpr std::size_t largest_share = 256U << 10U;

public:
    explicit implementation(const http_options& options) :
        options_(options),
        memory_(options.limits.memory, std::min(largest_share, options.limits.memory / (2 * options.at_once)))
    {
        initialise_curl();
        multi_.reset(curl_multi_init());
        if (!multi_)
            throw std::bad_alloc();
        curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, options_.connections_per_host);
        curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(2 * options_.at_once));
    }

    ~implementation()
    {
        for (const auto& [easy, running] : running_)
            curl_multi_remove_handle(multi_.get(), easy);
    }

    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;

    void start(http_request request)
    {
        auto next = std::make_unique<transfer>(std::move(request), options_, memory_);
        if (!next->may_start()) {
            answers_.push_back(next->answer());
            return;
        }
        check(curl_multi_add_handle(multi_.get(), next->handle()), "start a transfer");
        CURL* easy = next->handle();
        running_.emplace(easy, std::move(next));
    }

    std::vector<http_answer> wait(std::chrono::milliseconds patience)
    {
        const auto end = clock::now() + patience;
        move_on();
        while (answers_.empty() && !woken_.exchange(false)) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - clock::now());
            if (left.count() <= 0)
                break;
            check(curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(left.count()), nullptr),
                  "wait for transfers");
            move_on();
        }
        return std::exchange(answers_, {});
    }

    void release(std::uint64_t tag, std::size_t held)
    {
        if (memory_.give_back(tag, held))
            wake();
    }

    void wake()
    {
        woken_ = true; // curl doesn't say whether it was this that ended its wait
        check(curl_multi_wakeup(multi_.get()), "wake the transfers");
    }

    std::size_t running() const noexcept { return running_.size() + answers_.size(); }

private:
    using clock = std::chrono::steady_clock;

    void move_on()
    {
        if (memory_.has_been_refilled()) {
            for (const auto& [easy, running] : running_) {
                if (running->is_paused())
                    running->go_on();
            }
        }
        int active = 0;
        check(curl_multi_perform(multi_.get(), &active), "move transfers on");
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg == CURLMSG_DONE)
                finish(message->easy_handle, message->data.result);
        }
    }

    void finish(CURL* easy, CURLcode result)
    {
        const auto found = running_.find(easy);
        check(curl_multi_remove_handle(multi_.get(), easy), "end a transfer");
        if (found->second->goes_on_after(result)) {
            check(curl_multi_add_handle(multi_.get(), easy), "follow a redirect");
            return;
        }
        answers_.push_back(found->second->answer());
        running_.erase(found);
    }

    struct cleanup {
        void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
    };

    http_options options_;
    memory_budget memory_;
    std::unique_ptr<CURLM, cleanup> multi_;
    std::map<CURL*, std::unique_ptr<transfer>> running_;
    std::vector<http_answer> answers_;
    std::atomic<bool> woken_ = false; // set by any thread
};

http_client::http_client(const http_options& options) : implementation_(std::make_unique<implementation>(options)) {}
http_client::~http_client() = default;
void http_client::start(http_request request) { implementation_->start(std::move(request)); }
std::vector<http_answer> http_client::wait(std::chrono::milliseconds patience)
{
    return implementation_->wait(patience);
}
void http_client::release(std::uint64_t tag, std::size_t held) { implementation_->release(tag, held); }
void http_client::wake() { implementation_->wake(); }
std::size_t http_client::running() const noexcept { return implementation_->running(); }

} // namespace rssmania
