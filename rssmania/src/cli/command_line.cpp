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

// The words of CLI11's own that people see.
void speak_in_help(CLI::App& program)
{
    const auto words = program.get_formatter();
    words->label("Usage", tr("Usage"));
    words->label("OPTIONS", tr("OPTIONS"));
    words->label("SUBCOMMAND", tr("COMMAND"));
    words->label("SUBCOMMANDS", tr("COMMANDS"));
    words->label("Options", tr("Options"));
    words->label("Option Group", tr("Options"));
    words->label("Positionals", tr("Arguments"));
    words->label("REQUIRED", tr("(needed)"));
    program.failure_message([](const CLI::App*, const CLI::Error& error) {
        return std::string(error.what()) + '\n' + tr("Run with --help for more information.") + '\n';
    });
}

} // namespace

std::unique_ptr<CLI::App> make_program(action& chosen)
{
    auto program = std::make_unique<CLI::App>(tr("Watches feeds and tells what is new."), "rssmania");
    program->set_version_flag("--version", std::string("rssmania ") + version, tr("Print the version and end"));
    program->set_help_flag("-h,--help", tr("Print this help and end"));
    program->footer(
        tr("Exit codes: 0 all went well, 1 something failed, 2 the command line makes no sense.\n"
           "rssmania COMMAND --help tells about a command. Begin with: rssmania add ADDRESS, then rssmania watch."));
    program->require_subcommand(1);
    speak_in_help(*program);
    add_watch(*program, chosen);
    add_subscriptions(*program, chosen);
    add_fetch(*program, chosen);
    add_articles(*program, chosen);
    add_parse(*program, chosen);
    add_discover(*program, chosen);
    add_status(*program, chosen);
    add_top(*program, chosen);
    add_config(*program, chosen);
    add_doctor(*program, chosen);
    add_backup(*program, chosen);
    add_completion(*program, chosen);
    add_demo(*program, chosen);
    for (CLI::App* each : program->get_subcommands([](const CLI::App*) { return true; }))
        each->group(tr("Commands"));
    return program;
}

int run(int count, const char* const* words)
{
    action chosen;
    const auto program = make_program(chosen);
    if (count < 2) {
        std::cerr << program->help();
        return wrong_usage;
    }
    try {
        program->parse(count, words);
        return chosen();
    } catch (const CLI::ParseError& error) {
        return program->exit(error) == 0 ? all_went_well : wrong_usage;
    } catch (const std::exception& error) {
        print_chain(error);
        return something_failed;
    }
}

} // namespace rssmania::cli
