#include "stop_words.hpp"

#include "memory_registry.hpp"
#include "os/family.hpp"
#include "os/shared_page.hpp"
#include "os/stop_signals.hpp"

#include <ruche/error.hpp>
#include <ruche/stop.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>

namespace ruche::detail {

namespace {

constexpr std::size_t words_of_a_page = os::page_bytes / sizeof(stop_word);

struct stop_page {
    stop_page(fd its_file, std::shared_ptr<void> its_start) : file(std::move(its_file)), start(std::move(its_start)) {}
    [[nodiscard]] stop_word* word(std::size_t index) const noexcept
    {
        return static_cast<stop_word*>(start.get()) + index;
    }

    fd file;
    std::shared_ptr<void> start;
};

class stop_pages {
public:
    static stop_pages& instance()
    {
        static auto& pages = *new stop_pages; // never destroyed: tokens may be static objects
        return pages;
    }

    // No word is used twice: whoever was forked meanwhile may still look at it.
    std::shared_ptr<stop_word> make()
    {
        const std::scoped_lock lock(mutex_);
        if (!filling_ || used_ == words_of_a_page || owner_ != os::current_process_id()) {
            fd file = os::make_memory_file("ruche stops", os::page_bytes);
            auto start = os::map_page(file);
            const auto which = os::identity(file);
            filling_ = by_file_.get(which, [&] { return add(std::move(file), std::move(start)); });
            used_ = 0;
            owner_ = os::current_process_id();
        }
        return {filling_, filling_->word(used_++)};
    }

    std::shared_ptr<stop_page> open(fd file)
    {
        const auto which = os::identity(file);
        const std::scoped_lock lock(mutex_);
        return by_file_.get(which, [&] {
            if (os::file_size(file) != os::page_bytes)
                throw bad_message("the descriptor is not that of a stop", 0);
            auto start = os::map_page(file);
            return add(std::move(file), std::move(start));
        });
    }

    void keep(fd file, const std::shared_ptr<void>& start)
    {
        const auto which = os::identity(file);
        const std::scoped_lock lock(mutex_);
        kept_.push_back(by_file_.get(which, [&] { return add(std::move(file), start); }));
    }

    std::shared_ptr<stop_page> find(const stop_word* word)
    {
        const std::scoped_lock lock(mutex_);
        const auto after = by_address_.upper_bound(word);
        if (after == by_address_.begin())
            return nullptr;
        auto page = std::prev(after)->second.lock();
        return page && word < page->word(words_of_a_page) ? page : nullptr;
    }

private:
    std::shared_ptr<stop_page> add(fd file, std::shared_ptr<void> start)
    {
        std::erase_if(by_address_, [](const auto& known) { return known.second.expired(); });
        auto page = std::make_shared<stop_page>(std::move(file), std::move(start));
        by_address_[page->word(0)] = page;
        return page;
    }

    std::mutex mutex_;
    memory_registry<stop_page> by_file_;
    std::map<const stop_word*, std::weak_ptr<stop_page>, std::less<>> by_address_; ///< guarded by mutex_
    std::shared_ptr<stop_page> filling_;                                           ///< guarded by mutex_
    std::size_t used_ = 0;                                                         ///< guarded by mutex_
    int owner_ = 0;                                                                ///< guarded by mutex_
    std::vector<std::shared_ptr<stop_page>> kept_;                                 ///< guarded by mutex_
};

// A signal's word is this process's own: a copy made by fork has signals of its own, and must not stop its parent's.
// What is sent is another, which the signal sets too.
const stop_word* shared_word_of(const stop_word* word)
{
    if (word != os::stop_signal_word())
        return word;
    static const auto mirror = make_stop_word();
    static const os::word_set_on_stop set(*mirror);
    return mirror.get();
}

} // namespace

std::shared_ptr<stop_word> make_stop_word() { return stop_pages::instance().make(); }

stop_word_place place_of(const stop_word* word)
{
    word = shared_word_of(word);
    const auto page = stop_pages::instance().find(word);
    if (!page)
        throw std::logic_error("a stop whose word lies in memory of this process alone can't be sent: send one of a "
                               "ruche::stop_source that was made by itself");
    return {{page, &page->file}, static_cast<std::uint32_t>(word - page->word(0))};
}

std::shared_ptr<stop_word> open_stop_word(fd file, std::uint32_t offset)
{
    if (offset >= words_of_a_page)
        throw bad_message("a stop lies outside of its page", 0);
    const auto page = stop_pages::instance().open(std::move(file));
    return {page, page->word(offset)};
}

void add_stop_page(fd page, const std::shared_ptr<void>& mapped)
{
    stop_pages::instance().keep(std::move(page), mapped);
}

} // namespace ruche::detail
