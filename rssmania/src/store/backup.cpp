#include "store/backup.hpp"

#include "announce/told.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "text/translate.hpp"

#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <cerrno>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

namespace rssmania {
namespace {

constexpr const char* beside = ".new";

void flush_to_disk(const std::filesystem::path& file)
{
    const ruche::fd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened || ::fsync(opened.get()) != 0)
        throw ruche::os_error(errno, "write " + file.string() + " to the disk");
}

// Without another's leftovers, and with none of our own if it fails.
class work_file {
public:
    explicit work_file(std::filesystem::path file) : file_(std::move(file)) { std::filesystem::remove(file_); }
    ~work_file()
    {
        std::error_code gone;
        std::filesystem::remove(file_, gone);
    }
    work_file(const work_file&) = delete;
    work_file& operator=(const work_file&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return file_; }

private:
    std::filesystem::path file_;
};

} // namespace

void back_up(const std::filesystem::path& directory, const std::filesystem::path& copy)
{
    if (std::filesystem::exists(copy))
        throw std::runtime_error(tr_fill("{} is there already", copy.string()));
    const work_file made(copy.string() + beside);
    // Read first: what is told from here on is told once more by whoever goes on from the copy, and nothing is lost.
    const event_id told = told_position::read_least(directory);
    store(directory, sqlite::access::read_only).back_up(made.path());
    {
        sqlite::database db(made.path(), sqlite::access::read_write);
        db.prepare("DELETE FROM events WHERE id <= ?").execute(told);
    }
    flush_to_disk(made.path());
    std::filesystem::rename(made.path(), copy);
}

void restore(const std::filesystem::path& copy, const std::filesystem::path& directory)
{
    const std::vector<std::string> damages = damages_of(copy, sqlite::access::read_only);
    if (!damages.empty())
        throw std::runtime_error(tr_fill("{} is damaged: {}", copy.string(), damages.front()));
    const auto place = directory / store::file_name;
    const work_file made(place.string() + beside);
    std::filesystem::copy_file(copy, made.path()); // a backup is one file, that nobody writes to
    std::filesystem::permissions(made.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    {
        sqlite::database db(made.path(), sqlite::access::read_write);
        migrate(db); // which also refuses what is no store, or one from later
    }
    flush_to_disk(made.path());
    // What belongs to the old one goes first: its log must never be played into the new one.
    std::filesystem::remove(directory / hooked_file);
    std::filesystem::remove(directory / told_file);
    std::filesystem::remove(place);
    std::filesystem::remove(place.string() + "-wal");
    std::filesystem::remove(place.string() + "-shm");
    std::filesystem::rename(made.path(), place);
}

std::vector<std::string> damages_of(const std::filesystem::path& file, sqlite::access how)
{
    std::vector<std::string> found;
    sqlite::database db(file, how);
    auto check = db.prepare("PRAGMA integrity_check");
    while (check.next()) {
        if (check.text(0) != "ok")
            found.push_back(check.text(0));
    }
    auto references = db.prepare("PRAGMA foreign_key_check");
    while (references.next())
        found.push_back("a row of " + references.text(0) + " belongs to none of " + references.text(2));
    if (how == sqlite::access::read_only)
        return found;
    try {
        db.execute("INSERT INTO words (words) VALUES ('integrity-check')");
    } catch (const sqlite::error& error) {
        found.emplace_back(error.what());
    }
    return found;
}

} // namespace rssmania
