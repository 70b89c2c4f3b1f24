#include "cli/command_tree.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

namespace rssmania::cli {
namespace {

int run_completion(const std::string& shell)
{
    action unused;
    const auto program = make_program(unused);
    std::cout << completion_script(describe(*program), shell);
    flush_output();
    return all_went_well;
}

} // namespace

void add_completion(CLI::App& program, action& chosen)
{
    const auto shell = std::make_shared<std::string>();
    CLI::App* command =
        program.add_subcommand("completion", tr("Print a script that completes command lines, for a shell"));
    command->add_option("SHELL", *shell, tr("bash, zsh or fish"))
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->footer(tr("As in: source <(rssmania completion bash)"));
    command->callback([shell, &chosen] { chosen = [shell] { return run_completion(*shell); }; });
}

} // namespace rssmania::cli
