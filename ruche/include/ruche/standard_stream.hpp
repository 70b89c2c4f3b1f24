#pragma once

#include <ruche/fd.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace ruche {

/// Where standard input, output or error of a new process leads: to where the starter's leads, unless told otherwise.
///
///     ruche::process p({.input = ruche::standard_stream::discard(),
///                       .output = ruche::standard_stream::file("news.txt"),
///                       .errors = ruche::standard_stream::capture()},
///                      fetch);
///     const std::string said = ruche::read_to_end(p.errors());
///
/// Files are opened at the start by the starter, with its working directory and rights. A value: it may be copied and
/// used for several processes, which then share the open file.
class standard_stream {
public:
    /// Where the starter's own leads at the start; closed if that is closed.
    standard_stream() noexcept = default;

    /// To an open file, pipe or socket of the starter.
    standard_stream(fd descriptor) : way_(way::given), given_(std::make_shared<const fd>(std::move(descriptor))) {}

    /// To nowhere: what is written vanishes, reading ends at once.
    [[nodiscard]] static standard_stream discard() { return standard_stream(way::discarded, {}); }

    /// Read from the file at `path`; or written to it, and then it is made, or emptied if it was there.
    [[nodiscard]] static standard_stream file(std::filesystem::path path)
    {
        return standard_stream(way::file, std::move(path));
    }
    /// Written to the end of the file at `path`, which is made if it isn't there.
    [[nodiscard]] static standard_stream append(std::filesystem::path path)
    {
        return standard_stream(way::appended, std::move(path));
    }

    /// To a pipe whose other end is at the handle: `process::input`, `output` or `errors`. A pipe holds 64 KiB; a
    /// process that writes more waits until somebody reads, and so does who joins it without reading.
    [[nodiscard]] static standard_stream capture() { return standard_stream(way::captured, {}); }

    /// The descriptor that the process gets as its `number` (0, 1, 2), and, if it was captured, the end for the handle.
    /// Throws: `os_error`.
    struct ends {
        int theirs = -1; ///< as a number, owned by `owned`, the stream, or the starter; -1: closed
        fd owned;
        fd ours;
    };
    [[nodiscard]] ends open(int number) const;

private:
    enum class way { inherited, given, discarded, file, appended, captured };
    standard_stream(way chosen, std::filesystem::path path) : way_(chosen), path_(std::move(path)) {}

    way way_ = way::inherited;
    std::filesystem::path path_;
    std::shared_ptr<const fd> given_;
};

/// All that can still be read from `from`. Blocks: until its end, that is until everybody who could write has closed it
/// or ended. Throws: `os_error`.
[[nodiscard]] std::string read_to_end(const fd& from);

} // namespace ruche
