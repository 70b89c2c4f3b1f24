// Writes the manual pages and completions of rssmania into a directory, from the command line as the program has it:
//
//     rssmania_pages DIRECTORY PROSE
//
// PROSE is what rssmania(1) says beyond the commands and options, in troff's man macros.
#include "cli/command_tree.hpp"
#include "cli/commands.hpp"

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace {

std::string contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::string all{std::istreambuf_iterator<char>(in), {}};
    if (!in)
        throw std::runtime_error("can't read " + file.string());
    return all;
}

void write(const std::filesystem::path& file, const std::string& text)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    if (!(out << text).flush())
        throw std::runtime_error("can't write " + file.string());
}

void write_all(const std::filesystem::path& directory, const std::string& prose)
{
    rssmania::cli::action unused;
    const auto program = rssmania::cli::make_program(unused);
    const auto commands = rssmania::cli::describe(*program);
    for (const auto& each : commands) {
        const bool whole = each.name == "rssmania";
        write(directory / "man1" / (whole ? "rssmania.1" : "rssmania-" + each.name + ".1"),
              rssmania::cli::manual_page(commands, each.name, whole ? prose : ""));
    }
    for (const auto& [shell, name] :
         {std::pair{"bash", "rssmania"}, std::pair{"zsh", "_rssmania"}, std::pair{"fish", "rssmania.fish"}})
        write(directory / shell / name, rssmania::cli::completion_script(commands, shell));
}

} // namespace

int main(int count, char** words)
{
    try {
        if (count != 3)
            throw std::runtime_error("rssmania_pages DIRECTORY PROSE");
        write_all(words[1], contents(words[2]));
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "rssmania_pages: " << error.what() << '\n';
        return 1;
    }
}
