#include <ruche/wire/source.hpp>

#include <limits>
#include <string>
#include <utility>

namespace ruche {

namespace {

std::size_t memory_for(std::size_t message, const limits& limits)
{
    std::size_t all = 0;
    if (__builtin_mul_overflow(message, limits.growth, &all) || __builtin_add_overflow(all, limits.memory, &all))
        return std::numeric_limits<std::size_t>::max();
    return all;
}

} // namespace

source::source(std::span<const std::byte> bytes, std::vector<fd> descriptors, const limits& limits) :
    begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()), memory_(memory_for(bytes.size(), limits)),
    depth_(limits.depth), empty_elements_(limits.empty_elements), limits_(limits), descriptors_(std::move(descriptors))
{}

source::~source() = default;

void source::lend(std::span<const wire::piece> pieces)
{
    pieces_ = pieces;
    std::size_t all = 0;
    for (const wire::piece& one : pieces)
        all += one.bytes.size();
    if (__builtin_add_overflow(memory_, memory_for(all, limits_) - limits_.memory, &memory_))
        memory_ = std::numeric_limits<std::size_t>::max();
}

const std::byte* source::take_piece(std::size_t size, bool aligned)
{
    const wire::piece& next = pieces_.front();
    const std::size_t padding = aligned ? -offset(at_) & 15 : 0;
    if (left() < padding || next.at != static_cast<std::size_t>(at_ - begin_) + padding || next.bytes.size() != size)
        return nullptr;
    for (std::size_t i = 0; i != padding; ++i)
        if (at_[i] != std::byte{0})
            fail_at(at_ + i, "the padding is not zero");
    spend(at_, size, 1);
    at_ += padding;
    pieces_ = pieces_.subspan(1);
    pieces_before_ += size;
    return next.bytes.data();
}

fd source::take_descriptor(std::uint32_t number)
{
    if (number >= descriptors_.size())
        fail("descriptor " + std::to_string(number) + " of " + std::to_string(descriptors_.size()) + " does not exist");
    if (!descriptors_[number])
        fail("descriptor " + std::to_string(number) + " is used twice");
    return std::move(descriptors_[number]);
}

void source::finish()
{
    if (left() != 0) {
        abandon();
        fail(std::to_string(left()) + " bytes are left over");
    }
    if (has_pieces()) {
        abandon();
        fail("a part of " + std::to_string(pieces_.front().bytes.size()) + " bytes is left over");
    }
    for (const fd& descriptor : descriptors_)
        if (descriptor && !passed_over_) {
            abandon();
            fail("a descriptor is left over");
        }
}

void source::pass_over(std::size_t size, std::size_t objects)
{
    need(at_, size);
    spend(at_, objects, sizeof(wire::read_object));
    objects_.resize(objects_.size() + objects); // nothing is made of them; who refers to one is told so
    at_ += size;
    passed_over_ = true;
}

void source::abandon() noexcept
{
    for (const auto& met : objects_)
        if (met.object && met.reset)
            met.reset(met.object);
}

void source::fail_at(const std::byte* at, std::string_view reason) const
{
    throw bad_message(std::string(reason), offset(at));
}

void source::fail_short(const std::byte* at, std::size_t size) const
{
    fail_at(at, "needs " + std::to_string(size) + " bytes, " + std::to_string(left(at)) + " are left");
}

void source::fail_count(const std::byte* at, std::uint64_t count) const
{
    fail_at(at, "counts " + std::to_string(count) + " elements, more than the " + std::to_string(left(at)) +
                    " bytes that are left can hold");
}

void source::fail_memory(const std::byte* at, std::size_t count, std::size_t each) const
{
    fail_at(at, "asks for " + std::to_string(count) + " times " + std::to_string(each) +
                    " bytes of memory, more than a message of this length may");
}

void source::fail_depth(const std::byte* at) const
{
    fail_at(at, "lies more than " + std::to_string(limits_.depth) + " deep in itself");
}

void source::spend_empty(const std::byte* at, std::uint64_t count)
{
    if (count > empty_elements_)
        fail_at(at, "asks for " + std::to_string(count) + " elements of no bytes, more than a message may");
    empty_elements_ -= static_cast<std::size_t>(count);
}

} // namespace ruche
