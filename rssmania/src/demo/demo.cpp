#include "demo/demo.hpp"

#include "demo/sample_site.hpp"
#include "supervise/supervisor.hpp"
#include "text/translate.hpp"
#include "watch/watch.hpp"

#include <ruche/process.hpp>
#include <ruche/queue.hpp>
#include <ruche/shared.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <stdexcept>

namespace rssmania {
namespace {

// A directory that goes with its owner.
class temporary_store {
public:
    temporary_store()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "rssmania-demo-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("make a directory like " + pattern);
        path_ = pattern;
    }
    ~temporary_store()
    {
        std::error_code left_behind;
        remove_all(path_, left_behind);
        if (left_behind)
            std::cerr << "rssmania: " << path_.string() << ": " << left_behind.message() << '\n';
    }
    temporary_store(const temporary_store&) = delete;
    temporary_store& operator=(const temporary_store&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

void wait_for(const ruche::stop_token& stop) { (void)ruche::queue<int>().pop(stop); } // nothing else ever comes

using port_number = ruche::shared<std::atomic<std::uint16_t>>;

// The server's process: says its port, then serves until it is to stop.
void serve_samples(ruche::stop_token stop, site_options options, port_number port, ruche::queue<std::uint16_t> ports)
{
    options.port = *port;
    const sample_site site(options);
    *port = site.port();
    ports.push(site.port());
    wait_for(stop);
}

} // namespace

void demonstrate(ruche::stop_token stop, const demo_options& options)
{
    const auto since = std::chrono::system_clock::now();
    ruche::queue<std::uint16_t> ports;
    // If the server is killed, the next one serves on the same port what this one would have.
    const port_number port(options.port);
    const auto give_up = [ports](const std::string&) mutable { ports.close(); };
    supervisor server({.report = report_on_standard_error, .given_up = give_up}, {.most_errors = 3});
    const site_options site{.publish_every = options.publish_every, .since = since};
    server.keep("samples", serve_samples, site, port, ports);
    const auto chosen = ports.pop(stop);
    if (!chosen && stop.stop_requested())
        return;
    if (!chosen)
        throw std::runtime_error(tr("the sample server doesn't start"));
    const std::string address = "http://127.0.0.1:" + std::to_string(*chosen);
    std::cout << tr_fill("A server of sample feeds at {}/ publishes as time goes by; Ctrl+C ends it.", address)
              << std::endl;

    const temporary_store memory;
    watch_options watching{.store = memory.path(), .allow_local = true};
    watching.settings.every = options.every;
    for (const sample_feed& feed : sample_feeds())
        watching.urls.push_back(address + feed.path);
    (void)watch(watching, stop);
}

void serve_samples_until(ruche::stop_token stop, const demo_options& options)
{
    const sample_site site({.port = options.port, .publish_every = options.publish_every});
    std::cout << tr_fill("Sample feeds at {}", site.address("/")) << std::endl;
    wait_for(stop);
}

} // namespace rssmania
