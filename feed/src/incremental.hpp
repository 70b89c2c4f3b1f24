#pragma once

#include "builder/builder.hpp"
#include "problems.hpp"
#include "text/encoding.hpp"
#include "xml/reader.hpp"

#include <feed/document.hpp>
#include <feed/options.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace feed::detail {

/// Reads a document while it comes.
///
/// The text lies in chunks, which the document keeps: its views are into them. What was begun at the end of one and has
/// not ended is copied to the start of the next. Nothing is looked at again before it has doubled, so that pieces of
/// one byte cost no more than twice what the whole would.
///
/// A document goes this way as long as its bytes mean the same in any encoding that it may turn out to be in. When that
/// ends it is put together again, and read whole at the end.
class incremental {
public:
    explicit incremental(const options& how);
    incremental(const incremental&) = delete;
    incremental& operator=(const incremental&) = delete;

    bool add(std::string_view piece)
    {
        // A call is dear beside a byte: bytes are put together first.
        if (piece.size() != 1 || gather_at_ == gather_end_)
            return add_piece(piece);
        *gather_at_++ = piece.front();
        return true;
    }

    std::span<const entry> fresh_entries();
    document finish();

private:
    enum class state { undecided, reading, keeping };

    bool add_piece(std::string_view piece);
    void take_gathered();
    void decide(bool last);
    [[nodiscard]] bool can_be_read_now();
    void take(std::string_view bytes);
    bool take_block(std::string_view block);
    void make_room(std::size_t size);
    void read_on();
    void keep_whole();
    [[nodiscard]] std::string_view unread() const noexcept;
    document finish_reading();

    options how_;
    state state_ = state::undecided;
    std::string kept_; // undecided: all of it; keeping: all of it; reading: what is too little to be taken, or to be a
                       // character
    std::array<char, 512> gathered_; // reading: small pieces, which come after what `kept_` has
    char* gather_at_ = gathered_.data();
    char* gather_end_ = gathered_.data(); // how far they may go
    std::size_t taken_ = 0;
    bool too_long_ = false;

    // Reading.
    document result_;
    problem_log problems_;
    std::optional<builder> builder_;
    std::optional<xml_reader<builder>> reader_;
    std::string start_;                   // the first bytes, as they came: what the encoding is told by
    bool ascii_ = true;                   // so far
    std::size_t read_ = 0;                // bytes of the last chunk that are read
    std::size_t checked_ = 0;             // bytes of the last chunk that were looked at for characters to mend
    std::size_t chunk_offset_ = 0;        // of the last chunk in the text
    std::size_t next_attempt_ = 0;        // how much must lie unread before reading goes on
    std::vector<std::size_t> read_sizes_; // of the chunks before the last: how much of each is text of its own
    std::size_t given_ = 0;               // entries
};

} // namespace feed::detail
