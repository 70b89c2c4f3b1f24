#include "cli/command_tree.hpp"

#include "version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace rssmania::cli {
namespace {

const std::vector<std::string>& choices_of(const CLI::Option& option)
{
    static const std::vector<std::string> hows{"read", "unread", "star", "unstar"};
    static const std::vector<std::string> logs{"text", "json"};
    static const std::vector<std::string> shells{"bash", "zsh", "fish"};
    static const std::vector<std::string> none;
    const std::string name = option.get_single_name();
    return name == "HOW" ? hows : name == "log" ? logs : name == "SHELL" ? shells : none;
}

// What CLI11 adds to the name of a value, to say what is checked: `NUMBER:INT in [1 - 5]`.
std::string name_of_value(const std::string& name)
{
    return name.substr(0, std::min({name.find(":INT"), name.find(":{"), name.find(":FLOAT")}));
}

described_option describe(const CLI::Option& option)
{
    described_option result{.help = option.get_description(),
                            .positional = option.get_positional(),
                            .required = option.get_required(),
                            .repeated = option.get_expected_max() > 1};
    for (const std::string& each : option.get_snames())
        result.names.push_back("-" + each);
    for (const std::string& each : option.get_lnames())
        result.names.push_back("--" + each);
    if (result.positional)
        result.names = {option.get_single_name()};
    else if (option.get_type_size() != 0 && option.get_expected_max() != 0)
        result.value = name_of_value(option.get_type_name());
    result.choices = choices_of(option);
    return result;
}

described_command describe_one(const CLI::App& app)
{
    described_command result{
        .name = app.get_name(), .help = app.get_description(), .footer = app.get_footer(), .options = {}};
    for (const CLI::Option* option : app.get_options())
        result.options.push_back(describe(*option));
    return result;
}

// -- completions ------------------------------------------------------------------------------------------------------

bool takes_file(const described_option& option)
{
    return option.value.find("FILE") != std::string::npos || option.value.find("DIR") != std::string::npos ||
           (option.positional && (option.names.front() == "FILE" || option.names.front() == "SOURCE"));
}

bool takes_feed(const described_option& option)
{
    return option.names.front() == "--feed" || (option.positional && option.names.front() == "FEED");
}

std::string joined(const std::vector<std::string>& words, const char* between)
{
    return fmt::format("{}", fmt::join(words, between));
}

std::string option_names(const described_command& command)
{
    std::vector<std::string> names;
    for (const described_option& each : command.options) {
        if (!each.positional)
            names.insert(names.end(), each.names.begin(), each.names.end());
    }
    return joined(names, " ");
}

std::string positional_choices(const described_command& command)
{
    std::string all;
    for (const described_option& each : command.options) {
        if (each.positional && !each.choices.empty())
            all += " " + joined(each.choices, " ");
    }
    return all;
}

bool any_positional(const described_command& command, bool (*takes)(const described_option&))
{
    return std::any_of(command.options.begin(), command.options.end(),
                       [&](const described_option& each) { return each.positional && takes(each); });
}

std::string bash_script(const std::vector<described_command>& commands)
{
    std::string names;
    std::string cases;
    std::vector<std::string> file_options;
    for (const described_command& each : commands) {
        for (const described_option& option : each.options) {
            if (!option.positional && takes_file(option))
                file_options.insert(file_options.end(), option.names.begin(), option.names.end());
        }
        if (each.name == "rssmania")
            continue;
        names += (names.empty() ? "" : " ") + each.name;
        cases += fmt::format("        {}) words=\"{}{}\"; files={}; feeds={} ;;\n", each.name, option_names(each),
                             positional_choices(each), any_positional(each, takes_file) ? "yes" : "no",
                             any_positional(each, takes_feed) ? "yes" : "no");
    }
    std::sort(file_options.begin(), file_options.end());
    file_options.erase(std::unique(file_options.begin(), file_options.end()), file_options.end());
    return fmt::format(R"script(# Completion of rssmania for bash; made by "rssmania completion bash".
_rssmania() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= words= files=no feeds=no i
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${{COMP_WORDS[i]}} in -*) ;; *) command=${{COMP_WORDS[i]}}; break ;; esac
    done
    case $previous in
        {}) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --log) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
        --feed) feeds=yes ;;
    esac
    case $command in
        "") words="{} {}" ;;
{}    esac
    [ "$previous" = --feed ] && {{ words=; files=no; feeds=yes; }}
    [ $feeds = yes ] && words="$words $(rssmania list 2>/dev/null | cut -f2)"
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [ $files = yes ] && COMPREPLY+=($(compgen -f -- "$current"))
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
    return 0
}}
complete -o filenames -F _rssmania rssmania
)script",
                       joined(file_options, "|"), names, option_names(commands.front()), cases);
}

std::string in_single_quotes(const std::string& text)
{
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? "'\\''" : c == '\n' ? " " : std::string(1, c);
    return quoted + "'";
}

// In a specification of _arguments, these end a part.
std::string for_arguments(const std::string& text)
{
    std::string safe;
    for (const char c : text)
        safe += c == ':' || c == '[' || c == ']' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return safe;
}

std::string zsh_action(const described_option& option)
{
    if (!option.choices.empty())
        return "(" + joined(option.choices, " ") + ")";
    if (takes_feed(option))
        return "_rssmania_feeds";
    return takes_file(option) ? "_files" : " ";
}

std::string zsh_arguments(const described_command& command)
{
    std::string lines;
    for (const described_option& option : command.options) {
        if (option.positional) {
            lines += " \\\n                " +
                     in_single_quotes(fmt::format("{}:{}:{}", option.repeated ? "*" : "",
                                                  for_arguments(option.names.front()), zsh_action(option)));
            continue;
        }
        for (const std::string& name : option.names) {
            std::string spec = fmt::format("{}{}[{}]", option.repeated ? "*" : "", name, for_arguments(option.help));
            if (!option.value.empty())
                spec += fmt::format(":{}:{}", for_arguments(option.value), zsh_action(option));
            lines += " \\\n                " + in_single_quotes(spec);
        }
    }
    return lines;
}

std::string zsh_script(const std::vector<described_command>& commands)
{
    std::string list;
    std::string cases;
    for (const described_command& each : commands) {
        if (each.name == "rssmania")
            continue;
        list += "        " + in_single_quotes(each.name + ":" + each.help) + "\n";
        cases += fmt::format("            {}) _arguments{} ;;\n", each.name, zsh_arguments(each));
    }
    return fmt::format(R"script(#compdef rssmania
# Completion of rssmania for zsh; made by "rssmania completion zsh".
_rssmania_feeds() {{
    local -a feeds
    feeds=(${{(f)"$(rssmania list 2>/dev/null | cut -f2)"}})
    compadd -a feeds
}}
_rssmania() {{
    local context state line
    local -a commands
    commands=(
{}    )
    _arguments -C '1:command:->command' '*::argument:->argument'
    case $state in
        command) _describe command commands ;;
        argument)
            case $words[1] in
{}            esac ;;
    esac
}}
if [ "$funcstack[1]" = _rssmania ]; then _rssmania "$@"; else compdef _rssmania rssmania; fi
)script",
                       list, cases);
}

std::string fish_script(const std::vector<described_command>& commands)
{
    std::string lines = "# Completion of rssmania for fish; made by \"rssmania completion fish\".\n"
                        "complete -c rssmania -f\n";
    for (const described_command& each : commands) {
        const bool whole = each.name == "rssmania";
        if (!whole)
            lines += fmt::format("complete -c rssmania -n __fish_use_subcommand -a {} -d {}\n", each.name,
                                 in_single_quotes(each.help));
        const std::string when =
            whole ? "-n __fish_use_subcommand" : fmt::format("-n '__fish_seen_subcommand_from {}'", each.name);
        for (const described_option& option : each.options) {
            std::string line = "complete -c rssmania " + when;
            if (!option.positional) {
                for (const std::string& name : option.names)
                    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
                line += " -d " + in_single_quotes(option.help) + (option.value.empty() ? "" : " -r");
            }
            if (!option.choices.empty())
                line += " -a " + in_single_quotes(joined(option.choices, " "));
            else if (takes_feed(option))
                line += " -a '(rssmania list 2>/dev/null | cut -f2)'";
            else if (takes_file(option))
                line += " -F";
            else if (option.positional)
                continue;
            lines += line + "\n";
        }
    }
    return lines;
}

// -- manual pages -----------------------------------------------------------------------------------------------------

// A line that begins with a dot or a quote is a request to troff; hyphens are to be copied as they are.
std::string for_troff(const std::string& text)
{
    std::string safe;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\''))
            safe += "\\&";
        safe += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
        line_begins = c == '\n';
    }
    return safe;
}

std::string synopsis_of(const described_command& command)
{
    std::string line = ".B rssmania" + (command.name == "rssmania" ? "" : " " + for_troff(command.name)) + "\n";
    line += command.name == "rssmania" ? ".I command\n.RI [ option ]...\n" : ".RI [ option ]...\n";
    for (const described_option& each : command.options) {
        if (!each.positional)
            continue;
        const std::string name = for_troff(each.names.front());
        const std::string more = each.repeated ? "..." : "";
        line += each.required ? ".IR " + name + (more.empty() ? "" : " " + more) + "\n"
                              : ".RI [ " + name + " ]" + more + "\n";
    }
    return line;
}

std::string options_of(const described_command& command)
{
    std::string text;
    for (const described_option& each : command.options) {
        std::string names;
        for (const std::string& name : each.names)
            names += (names.empty() ? "" : ", ") + for_troff(name);
        text += ".TP\n" + std::string(each.positional ? ".I " : ".B ") + names;
        if (!each.value.empty())
            text += " \\fI" + for_troff(each.value) + "\\fP";
        text += "\n" + for_troff(each.help) + ".\n";
    }
    return text;
}

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

} // namespace

std::vector<described_command> describe(const CLI::App& program)
{
    std::vector<described_command> all{describe_one(program)};
    for (const CLI::App* each : program.get_subcommands([](const CLI::App*) { return true; }))
        all.push_back(describe_one(*each));
    return all;
}

std::string completion_script(const std::vector<described_command>& commands, const std::string& shell)
{
    if (shell == "bash")
        return bash_script(commands);
    if (shell == "zsh")
        return zsh_script(commands);
    if (shell == "fish")
        return fish_script(commands);
    throw std::invalid_argument("no completions for the shell " + shell);
}

std::string manual_page(const std::vector<described_command>& commands, const std::string& name,
                        const std::string& prose)
{
    const auto found =
        std::find_if(commands.begin(), commands.end(), [&](const auto& each) { return each.name == name; });
    if (found == commands.end())
        throw std::invalid_argument("no command " + name);
    const bool whole = name == "rssmania";
    const std::string title = whole ? name : "rssmania-" + name;
    std::string page = fmt::format(".TH {} 1 \"\" \"rssmania {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n",
                                   upper(title), version, for_troff(title), for_troff(found->help));
    page += ".SH SYNOPSIS\n" + synopsis_of(*found);
    if (whole) {
        page += ".SH COMMANDS\nEach has a page of its own, such as\n.BR rssmania\\-watch (1).\n";
        for (const described_command& each : commands) {
            if (each.name != name)
                page += ".TP\n.B " + for_troff(each.name) + "\n" + for_troff(each.help) + ".\n";
        }
    }
    page += ".SH OPTIONS\n" + options_of(*found);
    if (!found->footer.empty() && !whole)
        page += ".SH NOTES\n" + for_troff(found->footer) + "\n";
    page += prose;
    if (!whole)
        page += ".SH SEE ALSO\n.BR rssmania (1)\nhas what holds for all commands: the configuration, conditions and "
                "templates, files, exit status.\n";
    return page;
}

} // namespace rssmania::cli
