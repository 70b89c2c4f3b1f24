#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "demo/demo.hpp"
#include "text/translate.hpp"

#include <ruche/stop.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace rssmania::cli {
namespace {

int run_demo(const demo_options& options, bool serve_only)
{
    const ruche::stop_token stop = ruche::stop_on_signals();
    if (serve_only)
        serve_samples_until(stop, options);
    else
        demonstrate(stop, options);
    std::cout << tr("That was the last of the beans") << std::endl;
    return all_went_well;
}

} // namespace

void add_demo(CLI::App& program, action& chosen)
{
    const auto options = std::make_shared<demo_options>();
    const auto serve_only = std::make_shared<bool>(false);
    CLI::App* command = program.add_subcommand(
        "demo", tr("Show it all without a network: a local server of sample feeds, and the watcher on them"));
    command->add_option("--port", options->port, tr("Serve on this port of 127.0.0.1; a free one if not given"));
    add_duration(
        *command, "--publish-every", [options](auto time) { options->publish_every = time; },
        std::chrono::milliseconds(10), tr("Publish an article so often; 3s if not given"));
    add_duration(
        *command, "--every", [options](auto time) { options->every = time; }, std::chrono::milliseconds(100),
        tr("Ask each feed so often; 2s if not given"));
    command->add_flag("--serve-only", *serve_only, tr("Only serve the sample feeds, watch nothing"));
    command->footer(
        tr("Ctrl+C ends it. Beside the feeds, the server has all that goes wrong on the web, below /faults/."));
    command->callback([=, &chosen] { chosen = [=] { return run_demo(*options, *serve_only); }; });
}

} // namespace rssmania::cli
