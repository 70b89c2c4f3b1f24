#pragma once

#include <ruche/fd.hpp>

#include <filesystem>
#include <optional>

namespace rssmania {

/// The right to work on a store: one process has it at a time. It ends with its holder, however that ends.
class store_lock {
public:
    /// Takes the lock of the store in `directory`; nothing if somebody has it. Throws: `ruche::os_error`.
    [[nodiscard]] static std::optional<store_lock> try_take(const std::filesystem::path& directory);

private:
    explicit store_lock(ruche::fd file) : file_(std::move(file)) {}
    ruche::fd file_;
};

} // namespace rssmania
