#pragma once

#include <ruche/detail/queue_core.hpp>

#include <array>
#include <cstring>
#include <string>
#include <string_view>

/// A queue of texts, without the wire: what the tests of the core speak.
namespace helpers {

class bytes_queue {
public:
    explicit bytes_queue(std::size_t ring = 4096, std::size_t items = 0, std::size_t large = 1 << 20) :
        core_(ruche::detail::make_queue({.ring_bytes = ring, .large_bytes = large, .items = items}))
    {}

    struct leased {
        std::string text;
        ruche::detail::lease_place place;
    };

    bool push(std::string_view text, ruche::deadline until = {}, const ruche::stop_token* stop = nullptr)
    {
        const ruche::detail::outgoing item{std::as_bytes(std::span(text)), {}};
        return ruche::detail::push(*core_, {&item, 1}, {until, stop}).pushed == 1;
    }
    bool try_push(std::string_view text) { return push(text, none()); }

    std::optional<std::string> pop(ruche::deadline until = {}, const ruche::stop_token* stop = nullptr)
    {
        end_ = ruche::detail::pop(*core_, buffer(), 1, {until, stop});
        return text();
    }
    std::optional<std::string> try_pop() { return pop(none()); }

    std::optional<leased> pop_lease(ruche::deadline until = {})
    {
        leased item;
        end_ = ruche::detail::pop_lease(*core_, buffer(), item.place, {until, nullptr});
        if (end_ != ruche::detail::wait_end::done)
            return std::nullopt;
        item.text = *text();
        return item;
    }
    std::optional<leased> try_pop_lease() { return pop_lease(none()); }
    void done(const leased& item) { ruche::detail::finish_lease(*core_, item.place); }
    void give_back(const leased& item) { ruche::detail::return_lease(*core_, item.place); }

    void close() { ruche::detail::close(*core_); }
    [[nodiscard]] std::size_t size() const { return ruche::detail::size(*core_); }
    [[nodiscard]] bool empty() const { return ruche::detail::empty(*core_); }
    [[nodiscard]] ruche::detail::wait_end end() const { return end_; }
    [[nodiscard]] ruche::detail::queue_core& core() const { return *core_; }
    [[nodiscard]] const std::shared_ptr<ruche::detail::queue_core>& handle() const { return core_; }

private:
    static ruche::deadline none() { return ruche::detail::wait_bounds::none().until; }

    // Kept, so that a warmed-up call allocates nothing: single-stepped tests count its instructions.
    ruche::detail::incoming& buffer()
    {
        items_.clear();
        return items_;
    }
    std::optional<std::string> text() const
    {
        if (end_ != ruche::detail::wait_end::done)
            return std::nullopt;
        return std::string(reinterpret_cast<const char*>(items_.bytes.data()), items_.bytes.size());
    }

    std::shared_ptr<ruche::detail::queue_core> core_;
    ruche::detail::incoming items_;
    ruche::detail::wait_end end_ = ruche::detail::wait_end::done;
};

} // namespace helpers
