#pragma once

#include <CLI/App.hpp>

#include <functional>
#include <memory>

/// The subcommands of the program, each in a file of its own name. To add one: declare it here, define it in a file,
/// and name it in command_line.cpp.
namespace rssmania::cli {

/// What the chosen subcommand does, once the command line is read; it gives the program's exit code.
using action = std::function<int()>;

void add_watch(CLI::App& program, action& chosen);
void add_subscriptions(CLI::App& program, action& chosen); ///< add, remove, list, import, export
void add_fetch(CLI::App& program, action& chosen);
void add_articles(CLI::App& program, action& chosen); ///< articles, mark
void add_parse(CLI::App& program, action& chosen);
void add_discover(CLI::App& program, action& chosen);
void add_status(CLI::App& program, action& chosen);
void add_top(CLI::App& program, action& chosen);
void add_config(CLI::App& program, action& chosen);
void add_doctor(CLI::App& program, action& chosen);
void add_backup(CLI::App& program, action& chosen); ///< backup, restore
void add_completion(CLI::App& program, action& chosen);
void add_demo(CLI::App& program, action& chosen);

/// The whole command line: all of the above. `chosen` gets what the subcommand that is parsed does.
[[nodiscard]] std::unique_ptr<CLI::App> make_program(action& chosen);

/// Exit codes, the same for all subcommands.
inline constexpr int all_went_well = 0;
inline constexpr int something_failed = 1;
inline constexpr int wrong_usage = 2;

} // namespace rssmania::cli
