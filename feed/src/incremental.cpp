#include "incremental.hpp"

#include "arena.hpp"
#include "reading.hpp"
#include "text/ascii.hpp"
#include "text/content.hpp"
#include "text/utf8.hpp"

#include <feed/parse.hpp>

#include <algorithm>
#include <utility>

namespace feed::detail {

namespace {

constexpr std::size_t enough_to_decide = 4096; // what tells an encoding lies in the first 4096 bytes
constexpr std::size_t chunk_size = std::size_t{256} << 10;
constexpr std::size_t block_size = std::size_t{16} << 10; // small beside a chunk: what no block fits into is lost

// How many bytes of `text` are whole characters and line ends: a character that is cut, and a carriage return whose
// line feed may follow, are left for the next piece.
std::size_t measure_whole(std::string_view text) noexcept
{
    std::size_t end = text.size();
    if (end != 0 && text[end - 1] == '\r')
        return end - 1;
    std::size_t lead = end;
    while (lead > 0 && end - lead < 3 && (static_cast<unsigned char>(text[lead - 1]) & 0xC0U) == 0x80U)
        --lead;
    if (lead == 0)
        return end;
    const auto first = static_cast<unsigned char>(text[lead - 1]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (length > end - lead + 1)
        end = lead - 1;
    return end != 0 && text[end - 1] == '\r' ? end - 1 : end;
}

bool has_controls(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r';
    });
}

} // namespace

incremental::incremental(const options& how) : how_(how), problems_(result_.storage->memory, how.limit.problems) {}

bool incremental::add_piece(std::string_view piece)
{
    if (piece.size() <= static_cast<std::size_t>(gather_end_ - gather_at_)) {
        gather_at_ = std::copy(piece.begin(), piece.end(), gather_at_);
        return true;
    }
    take_gathered();
    const std::size_t room = how_.limit.document - taken_;
    too_long_ = too_long_ || piece.size() > room;
    piece = piece.substr(0, room);
    taken_ += piece.size();
    if (state_ == state::reading) {
        take(piece);
    } else {
        kept_.append(piece);
        if (state_ == state::undecided && kept_.size() >= enough_to_decide)
            decide(false);
    }
    return !too_long_;
}

void incremental::take_gathered()
{
    const auto size = static_cast<std::size_t>(gather_at_ - gathered_.data());
    kept_.append(gathered_.data(), size);
    taken_ += size;
    gather_at_ = gather_end_ = gathered_.data();
}

// Whether what has come can be read before the rest is there.
bool incremental::can_be_read_now()
{
    // Whatever follows, valid UTF-8 is read as that; as long as all is ASCII, nothing else can be told of it.
    start_ = kept_.substr(0, measure_whole(std::string_view(kept_).substr(0, enough_to_decide)));
    for (const std::string_view more : {"", "\xC3\xA9"}) {
        const decoding decoded = decode_document(start_ + std::string(more), {how_.content_type, how_.over_http});
        if (!decoded.unchanged)
            return false;
    }
    return !is_json(std::string_view(start_).substr(start_.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0), how_);
}

void incremental::decide(bool last)
{
    if (last || !can_be_read_now()) {
        state_ = state::keeping;
        return;
    }
    state_ = state::reading;
    // Address space, not memory: growing would copy the entries, and have them twice while it does.
    constexpr std::uint32_t most_at_once = 16'384;
    result_.entries.reserve(std::min(how_.limit.entries, most_at_once));
    builder_.emplace(result_, result_.storage->memory, problems_, how_);
    builder_->distrust_characters(false);
    reader_.emplace(std::string_view(), *builder_, result_.storage->memory, problems_, how_.limit);
    const std::string so_far = std::move(kept_);
    kept_.clear();
    take(std::string_view(so_far).substr(so_far.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0));
}

void incremental::take(std::string_view bytes)
{
    while (!bytes.empty() && state_ == state::reading) {
        const std::string_view block = bytes.substr(0, block_size);
        bytes.remove_prefix(block.size());
        kept_.append(block);
        const std::string joined = std::move(kept_);
        const std::size_t whole = measure_whole(joined);
        kept_ = joined.substr(whole);
        if (!take_block(std::string_view(joined).substr(0, whole))) {
            kept_ = joined;
            keep_whole();
        }
    }
    if (state_ == state::keeping)
        kept_.append(bytes);
    else if (unread().size() >= next_attempt_)
        read_on();
    if (state_ == state::reading)
        gather_end_ = gather_at_ + std::min(gathered_.size(), how_.limit.document - taken_);
}

// Adds whole characters to the text, line ends made one. False if these show that the document must be read whole.
bool incremental::take_block(std::string_view block)
{
    const bool ascii = is_ascii(block);
    if ((!ascii && !is_valid_utf8(block)) || has_controls(block))
        return false;
    ascii_ = ascii_ && ascii;
    make_room(block.size());
    std::string& chunk = result_.storage->pieces.back();
    for (std::size_t at = 0; at < block.size();) {
        const std::size_t line_end = std::min(block.find('\r', at), block.size());
        chunk.append(block, at, line_end - at);
        at = line_end;
        if (at == block.size())
            break;
        if (at + 1 == block.size() || block[at + 1] != '\n')
            chunk.push_back('\n');
        ++at;
    }
    const std::size_t overlap = std::min<std::size_t>(checked_, 3);
    if (!ascii && may_need_mending(std::string_view(chunk).substr(checked_ - overlap)))
        builder_->distrust_characters(true);
    checked_ = chunk.size();
    return true;
}

// Makes sure that `size` more bytes fit into the last chunk, which must never move.
void incremental::make_room(std::size_t size)
{
    std::vector<std::string>& chunks = result_.storage->pieces;
    if (!chunks.empty() && chunks.back().capacity() - chunks.back().size() >= size)
        return;
    std::string next;
    const std::string_view rest = unread();
    next.reserve(std::max(chunk_size, rest.size() * 2 + size));
    next.append(rest);
    if (!chunks.empty()) {
        chunk_offset_ += read_;
        read_sizes_.push_back(read_);
    }
    chunks.push_back(std::move(next));
    read_ = 0;
    checked_ = chunks.back().size();
}

std::string_view incremental::unread() const noexcept
{
    const std::vector<std::string>& chunks = result_.storage->pieces;
    return chunks.empty() ? std::string_view() : std::string_view(chunks.back()).substr(read_);
}

void incremental::read_on()
{
    read_ += reader_->read_whole_constructs(unread(), chunk_offset_ + read_);
    next_attempt_ = std::max(enough_to_decide, unread().size() * 2);
}

// Puts the bytes together again: all that was taken, then what `kept_` has.
void incremental::keep_whole()
{
    std::string all = start_.substr(0, 3) == "\xEF\xBB\xBF" ? "\xEF\xBB\xBF" : "";
    const std::vector<std::string>& chunks = result_.storage->pieces;
    for (std::size_t i = 0; i < chunks.size(); ++i)
        all.append(chunks[i], 0, i < read_sizes_.size() ? read_sizes_[i] : chunks[i].size());
    kept_ = all.append(kept_);
    state_ = state::keeping;
}

std::span<const entry> incremental::fresh_entries()
{
    if (state_ != state::reading)
        return {};
    const std::size_t ended = builder_->entries_ended();
    const std::span<const entry> result(result_.entries.data() + given_, ended - given_);
    given_ = ended;
    return result;
}

document incremental::finish()
{
    take_gathered();
    if (state_ == state::reading)
        take(std::exchange(kept_, {}));
    if (state_ == state::reading && !kept_.empty()) {
        if (kept_ == "\r" && take_block("\n"))
            kept_.clear();
        else
            keep_whole(); // it ends within a character
    }
    if (state_ == state::reading)
        return finish_reading();
    options how = how_;
    if (too_long_) { // one more byte tells that there was more
        how.limit.document = kept_.size();
        kept_.push_back(' ');
    }
    return parse(std::move(kept_), how);
}

document incremental::finish_reading()
{
    constexpr auto arrival = problem_log::subject::arrival;
    if (too_long_)
        problems_.note_whole(problem_kind::limit, "it is too long", "the end was not read", arrival);
    result_.truncated = result_.truncated || too_long_;
    const decoding decoded = decode_document(start_ + (ascii_ ? "" : "\xC3\xA9"), {how_.content_type, how_.over_http});
    result_.encoding = result_.storage->memory.copy(decoded.name);
    note_decoding(decoded, problems_);
    check_media_type(how_, false, problems_);
    make_room(0);
    reader_->finish(unread(), chunk_offset_ + read_);
    builder_->finish();
    std::vector<std::string_view> pieces;
    const std::vector<std::string>& chunks = result_.storage->pieces;
    for (std::size_t i = 0; i < chunks.size(); ++i)
        pieces.push_back(
            std::string_view(chunks[i]).substr(0, i < read_sizes_.size() ? read_sizes_[i] : chunks[i].size()));
    settle_format(result_, reader_->names(), reader_->is_netscape(), start_);
    if (result_.format == format::none)
        result_.reason = find_reason(start_);
    result_.bozo = problems_.bozo();
    result_.problem_count = problems_.count();
    result_.problems = problems_.finish(pieces);
    reader_.reset();
    builder_.reset();
    return std::move(result_);
}

} // namespace feed::detail
