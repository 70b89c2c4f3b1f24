#pragma once

#include <CLI/App.hpp>

#include <string>
#include <vector>

/// The command line as data: what completions and manual pages are made from, so that neither can say anything else
/// than the program does.
namespace rssmania::cli {

struct described_option {
    std::vector<std::string> names;   ///< as typed: `-h`, `--help`; of a positional one, its placeless name
    std::string value;                ///< what its value is called; empty for a flag
    std::vector<std::string> choices; ///< the values it takes, if those are few
    std::string help;
    bool positional = false;
    bool required = false;
    bool repeated = false;
};

struct described_command {
    std::string name;
    std::string help;
    std::string footer;
    std::vector<described_option> options;
};

/// The program itself first, then its subcommands in their order.
[[nodiscard]] std::vector<described_command> describe(const CLI::App& program);

/// A script of completions for `shell`: bash, zsh or fish. Throws: `std::invalid_argument` for another.
[[nodiscard]] std::string completion_script(const std::vector<described_command>& commands, const std::string& shell);

/// The manual page of one of `commands`, in troff's man macros: of the program (`rssmania.1`) or a subcommand
/// (`rssmania-fetch.1`). `prose` is what stands between its options and the end, in man macros too.
[[nodiscard]] std::string manual_page(const std::vector<described_command>& commands, const std::string& name,
                                      const std::string& prose);

} // namespace rssmania::cli
