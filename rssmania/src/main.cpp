#include "cli/command_line.hpp"
#include "text/translate.hpp"

/// The way through the program:
///   cli/        reads the command line; a file for each subcommand
///   watch/      the main job: starts the stages below as processes, keeps them alive, prints the news
///   schedule/   which feed is due when           ─┐
///   fetch/      HTTP, many servers at once        │ each a process; pipeline/ has what travels
///   parse/      from bytes to articles            │ between them
///   store/      what is known, what is new       ─┘
///   announce/   how news looks, and how far it has been told
///   supervise/  restarts what dies
///   demo/       sample feeds and a server that misbehaves on purpose
///   net/ opml/ text/ config/   addresses, subscription lists, words, directories
int main(int count, char** words)
{
    rssmania::speak_the_users_language();
    return rssmania::cli::run(count, words);
}
