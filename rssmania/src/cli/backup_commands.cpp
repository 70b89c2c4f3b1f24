#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "config/paths.hpp"
#include "store/backup.hpp"
#include "store/store_lock.hpp"
#include "text/size.hpp"
#include "text/translate.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace rssmania::cli {
namespace {

struct words_of_backup {
    place where;
    std::string file;
};

int run_backup(const words_of_backup& words)
{
    back_up(existing_store(words.where), words.file);
    std::cout << tr_fill("{} holds the whole store: {}", words.file,
                         size_in_words(std::filesystem::file_size(words.file)))
              << '\n';
    flush_output();
    return all_went_well;
}

int run_restore(const words_of_backup& words)
{
    const std::filesystem::path directory = store_directory(words.where);
    make_private_directory(directory);
    const auto lock = store_lock::try_take(directory);
    if (!lock)
        throw std::runtime_error(tr_fill("another rssmania works on the store {}; end it first", directory.string()));
    restore(words.file, directory);
    std::cout << tr_fill("the store {} is what {} was", directory.string(), words.file) << '\n';
    flush_output();
    return all_went_well;
}

} // namespace

void add_backup(CLI::App& program, action& chosen)
{
    const auto saving = std::make_shared<words_of_backup>();
    CLI::App* save =
        program.add_subcommand("backup", tr("Write a copy of the whole store to a file, also while a watcher works"));
    save->add_option("FILE", saving->file, tr("Where to; nothing must be there yet"))->required();
    add_place(*save, saving->where);
    save->callback([=, &chosen] { chosen = [=] { return run_backup(*saving); }; });

    const auto bringing = std::make_shared<words_of_backup>();
    CLI::App* bring = program.add_subcommand("restore", tr("Put a backup in the place of the store"));
    bring->add_option("FILE", bringing->file, tr("What \"backup\" has written"))->required();
    add_place(*bring, bringing->where);
    bring->footer(tr("What the store holds now is gone then. Nothing that was told is told again."));
    bring->callback([=, &chosen] { chosen = [=] { return run_restore(*bringing); }; });
}

} // namespace rssmania::cli
