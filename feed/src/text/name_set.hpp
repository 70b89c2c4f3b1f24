#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace feed::detail {

/// A set of names, made by the compiler: one hash of four bytes and nearly always one comparison, where a sorted table
/// takes seven.
template <std::size_t N>
class name_set {
public:
    explicit constexpr name_set(const std::string_view (&names)[N])
    {
        for (const std::string_view name : names) {
            std::size_t slot = hash(name);
            while (!slots_[slot].empty())
                slot = (slot + 1) % size;
            slots_[slot] = name;
        }
    }

    [[nodiscard]] constexpr bool contains(std::string_view name) const noexcept
    {
        if (name.empty())
            return false;
        for (std::size_t slot = hash(name); !slots_[slot].empty(); slot = (slot + 1) % size)
            if (slots_[slot] == name)
                return true;
        return false;
    }

private:
    static constexpr std::size_t size = N < 32 ? 128 : N < 128 ? 512 : 2048;

    [[nodiscard]] static constexpr std::size_t hash(std::string_view name) noexcept
    {
        const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
        const std::size_t mixed = name.size() * 0x9E37U + byte(0) * 0x85EBU + byte(name.size() - 1) * 0xC2B3U +
                                  byte(name.size() / 2) * 0x27D5U;
        return (mixed ^ (mixed >> 7)) % size;
    }

    std::array<std::string_view, size> slots_{};
};

} // namespace feed::detail
