#include <ruche/wire/sink.hpp>

#include <ruche/error.hpp>

#include "wire/written_objects.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ruche {

sink::sink() noexcept = default;
sink::~sink() { delete[] begin_; }

sink::sink(sink&& other) noexcept :
    max_depth(other.max_depth), begin_(std::exchange(other.begin_, nullptr)), at_(std::exchange(other.at_, nullptr)),
    end_(std::exchange(other.end_, nullptr)), depth_(std::exchange(other.depth_, 0)),
    borrows_(std::exchange(other.borrows_, false)), borrowed_bytes_(std::exchange(other.borrowed_bytes_, 0)),
    borrowed_(std::move(other.borrowed_)), descriptors_(std::move(other.descriptors_)),
    objects_(std::move(other.objects_))
{
    other.borrowed_.clear();
    other.descriptors_.clear();
}

sink& sink::operator=(sink&& other) noexcept
{
    sink taken(std::move(other));
    std::swap(max_depth, taken.max_depth);
    std::swap(begin_, taken.begin_);
    std::swap(at_, taken.at_);
    std::swap(end_, taken.end_);
    std::swap(depth_, taken.depth_);
    std::swap(borrows_, taken.borrows_);
    std::swap(borrowed_bytes_, taken.borrowed_bytes_);
    borrowed_.swap(taken.borrowed_);
    descriptors_.swap(taken.descriptors_);
    objects_.swap(taken.objects_);
    return *this;
}

std::uint32_t sink::attach(std::shared_ptr<const fd> descriptor)
{
    descriptors_.push_back(std::move(descriptor));
    return static_cast<std::uint32_t>(descriptors_.size() - 1);
}

void sink::clear() noexcept { back_to({0, 0, 0, 0, 0}); }

void sink::borrow(const std::byte* at, std::span<const std::byte> run)
{
    borrowed_.push_back({static_cast<std::size_t>(at - begin_), run});
    borrowed_bytes_ += run.size();
}

std::byte* sink::grow(std::byte* at, std::size_t size)
{
    const auto used = static_cast<std::size_t>(at - begin_);
    const std::size_t capacity = std::max({used + size, static_cast<std::size_t>(end_ - begin_) * 2, std::size_t{256}});
    // Not a vector: that would write zeros first. Not realloc: most of a message that grows is about to be copied out.
    auto* bigger = new std::byte[capacity];
    if (used != 0)
        std::memcpy(bigger, begin_, used);
    // at_ follows, so that the sink stays whole if what is being encoded throws.
    const std::size_t committed = this->size();
    delete[] begin_;
    begin_ = bigger;
    at_ = begin_ + committed;
    end_ = begin_ + capacity;
    return begin_ + used;
}

void sink::refuse_depth() const
{
    throw too_large("what is encoded lies more than " + std::to_string(max_depth) +
                    " deep in itself: a cycle of owners, or a list that is too long to be sent as one");
}

sink::meeting sink::meet(const void* address, const void* type)
{
    if (!objects_)
        objects_ = std::make_unique<wire::written_objects>();
    return objects_->meet(address, type);
}

void sink::keep(std::shared_ptr<const void> object) { objects_->keep(std::move(object)); }

sink::mark sink::here() const noexcept
{
    return {size(), descriptors_.size(), objects_ ? objects_->size() : 0, depth_, borrowed_.size()};
}

void sink::back_to(const mark& before) noexcept
{
    at_ = begin_ + before.size;
    depth_ = before.depth;
    descriptors_.erase(descriptors_.begin() + static_cast<std::ptrdiff_t>(before.descriptors), descriptors_.end());
    for (; borrowed_.size() > before.borrowed; borrowed_.pop_back())
        borrowed_bytes_ -= borrowed_.back().bytes.size();
    if (objects_)
        objects_->shrink(before.objects);
}

} // namespace ruche
