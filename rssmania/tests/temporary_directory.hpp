#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace rssmania::testing {

/// A directory for one test, gone with all that is in it.
class temporary_directory {
public:
    temporary_directory()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "rssmania-test-XXXXXX").string();
        if (!::mkdtemp(pattern.data()))
            throw std::runtime_error("make a temporary directory");
        path_ = pattern;
    }
    ~temporary_directory()
    {
        std::error_code leftover; // a directory that stays is a nuisance, no failure
        remove_all(path_, leftover);
    }
    temporary_directory(const temporary_directory&) = delete;
    temporary_directory& operator=(const temporary_directory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

} // namespace rssmania::testing
