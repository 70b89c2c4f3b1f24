#pragma once

#include <ruche/fd.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

/// The words that stand for stops, in memory that can be shared: a page holds many, and lives as long as any of them.
/// Which descriptor stands for which page is kept in one list, since there is one process.
namespace ruche::detail {

using stop_word = std::atomic<std::uint32_t>;

/// A new word, 0.
[[nodiscard]] std::shared_ptr<stop_word> make_stop_word();

/// Where a word lies for other processes.
struct stop_word_place {
    std::shared_ptr<const fd> page;
    std::uint32_t offset = 0;
};

/// Throws: `std::logic_error` if the word is in no page of the list: memory of this process alone.
[[nodiscard]] stop_word_place place_of(const stop_word* word);

/// The word at a place that arrived: the same address each time in one process. Throws: `bad_message`, `os_error`.
[[nodiscard]] std::shared_ptr<stop_word> open_stop_word(fd page, std::uint32_t offset);

/// Adds a page that was mapped already, so that words in it can be sent on.
void add_stop_page(fd page, const std::shared_ptr<void>& mapped);

} // namespace ruche::detail
