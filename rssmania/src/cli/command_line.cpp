#include "cli/command_line.hpp"

#include "cli/commands.hpp"
#include "text/translate.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <string>

namespace rssmania::cli {
namespace {

// What went wrong, with what it was done for: the nested exceptions, outermost first.
void print_chain(const std::exception& error)
{
    std::cerr << "rssmania: " << error.what();
    try {
        std::rethrow_if_nested(error);
    } catch (const std::exception& cause) {
        std::cerr << '\n';
        print_chain(cause);
        return;
    }
    std::cerr << '\n';
}

} // namespace

int run(int count, const char* const* words)
{
    CLI::App program(tr("Watches feeds and tells what is new."), "rssmania");
    program.set_version_flag("--version", std::string("rssmania ") + version, tr("Print the version and end"));
    program.set_help_flag("-h,--help", tr("Print this help and end"));
    program.footer(tr("Exit codes: 0 all went well, 1 something failed, 2 the command line makes no sense.\n"
                      "rssmania COMMAND --help tells about a command."));
    program.require_subcommand(1);
    action chosen;
    add_watch(program, chosen);
    add_subscriptions(program, chosen);
    add_fetch(program, chosen);
    add_articles(program, chosen);
    add_parse(program, chosen);
    add_discover(program, chosen);
    add_status(program, chosen);
    add_demo(program, chosen);
    try {
        program.parse(count, words);
        return chosen();
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? all_went_well : wrong_usage;
    } catch (const std::exception& error) {
        print_chain(error);
        return something_failed;
    }
}

} // namespace rssmania::cli
