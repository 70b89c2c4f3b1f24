#include <feed/stream.hpp>

#include "incremental.hpp"

namespace feed {

stream::stream(const options& how) : state_(std::make_unique<detail::incremental>(how)) {}
stream::stream(stream&&) noexcept = default;
stream& stream::operator=(stream&&) noexcept = default;
stream::~stream() = default;

bool stream::add(std::string_view piece) { return state_->add(piece); }
std::span<const entry> stream::fresh_entries() { return state_->fresh_entries(); }
document stream::finish() && { return state_->finish(); }

} // namespace feed
