#pragma once

#include "pipeline/messages.hpp"

#include <ruche/fd.hpp>

#include <filesystem>
#include <string>

namespace rssmania {

/// The names of the files: of what was printed, and of what the hooks were run for.
inline constexpr const char* told_file = "told";
inline constexpr const char* hooked_file = "hooked";

/// How far the news has been told, in a small file beside the database: by `main`, or by another who has a file of its
/// own name.
///
/// Whoever tells notes each event right after telling it; the store and the next start ask from there on. It is no row
/// of the database because the store's process writes that, and telling must not wait for it.
///
/// If a process dies: a note is one write of 21 bytes, made or not made; killed between telling and noting, one event
/// is told twice. A power cut may take back the notes since the last `settle`.
/// Throws: `ruche::os_error`.
class told_position {
public:
    /// Opens the file in `directory`, making it where it is missing.
    explicit told_position(const std::filesystem::path& directory, const std::string& name = told_file);

    /// The last event that was told; 0 if none was.
    [[nodiscard]] event_id last() const noexcept { return last_; }

    /// Notes that all events up to `event` have been told.
    void note(event_id event);

    /// Makes what was noted survive a power cut. Costs nothing if nothing was noted since the last time.
    void settle();

    /// What is noted in `directory` at this moment; for those who don't write it.
    [[nodiscard]] static event_id read(const std::filesystem::path& directory, const std::string& name = told_file);

    /// The same for the least of all who keep one: what is up to it will be told by nobody any more.
    [[nodiscard]] static event_id read_least(const std::filesystem::path& directory);

private:
    std::filesystem::path name_;
    ruche::fd file_;
    event_id last_ = 0;
    bool settled_ = true;
};

} // namespace rssmania
