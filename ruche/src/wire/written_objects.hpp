#pragma once

#include <ruche/wire/sink.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ruche::wire {

/// The shared objects of one message, numbered from 1 in the order in which they were met: a table with open
/// addressing, which keeps its memory from message to message.
class written_objects {
public:
    sink::meeting meet(const void* address, const void* type);
    /// Keeps the object alive that was met first just now.
    void keep(std::shared_ptr<const void> alive) { objects_.back().alive = std::move(alive); }

    [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }
    /// Forgets all but the first `count`.
    void shrink(std::size_t count) noexcept;

private:
    struct object {
        std::shared_ptr<const void> alive;
        const void* address;
        const void* type;
    };
    [[nodiscard]] std::size_t slot_of(const void* address, const void* type) const noexcept;
    void rebuild(std::size_t slots);

    std::vector<object> objects_;
    std::vector<std::uint32_t> slots_; // numbers; 0 is free; the size is a power of two, at most half in use
};

} // namespace ruche::wire
