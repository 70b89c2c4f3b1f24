#include "wire/written_objects.hpp"

#include <algorithm>
#include <utility>

namespace ruche::wire {

namespace {

std::size_t mixed(const void* address, const void* type) noexcept
{
    auto bits = reinterpret_cast<std::uintptr_t>(address) * 0x9e3779b97f4a7c15u;
    bits ^= reinterpret_cast<std::uintptr_t>(type) * 0xc2b2ae3d27d4eb4fu;
    return bits ^ (bits >> 32);
}

} // namespace

std::size_t written_objects::slot_of(const void* address, const void* type) const noexcept
{
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t slot = mixed(address, type) & mask;; slot = (slot + 1) & mask) {
        const std::uint32_t number = slots_[slot];
        if (number == 0 || (objects_[number - 1].address == address && objects_[number - 1].type == type))
            return slot;
    }
}

sink::meeting written_objects::meet(const void* address, const void* type)
{
    if (slots_.size() < (objects_.size() + 1) * 2)
        rebuild(std::max<std::size_t>(64, slots_.size() * 2));
    const std::size_t slot = slot_of(address, type);
    if (slots_[slot] != 0)
        return {slots_[slot], false};
    objects_.push_back({{}, address, type});
    slots_[slot] = static_cast<std::uint32_t>(objects_.size());
    return {slots_[slot], true};
}

void written_objects::rebuild(std::size_t slots)
{
    slots_.assign(slots, 0);
    for (std::size_t i = 0; i != objects_.size(); ++i)
        slots_[slot_of(objects_[i].address, objects_[i].type)] = static_cast<std::uint32_t>(i + 1);
}

void written_objects::shrink(std::size_t count) noexcept
{
    if (count == objects_.size())
        return;
    objects_.erase(objects_.begin() + static_cast<std::ptrdiff_t>(count), objects_.end());
    std::fill(slots_.begin(), slots_.end(), 0);
    for (std::size_t i = 0; i != count; ++i)
        slots_[slot_of(objects_[i].address, objects_[i].type)] = static_cast<std::uint32_t>(i + 1);
}

} // namespace ruche::wire
