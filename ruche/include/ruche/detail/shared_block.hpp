#pragma once

#include <ruche/fd.hpp>
#include <ruche/wire.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>

/// A piece of nameless shared memory, and the base of the handles that stand for one. Not for use by programs.
namespace ruche::detail {

class shared_block;

/// New memory, all zero, reserved. `kind` is asked for again by whoever opens it. Throws: `os_error`.
[[nodiscard]] std::shared_ptr<shared_block> make_block(std::size_t bytes, std::uint64_t kind, const char* label);
/// The block behind a descriptor: the same object each time in one process. Throws: `bad_message` if it is another
/// kind.
[[nodiscard]] std::shared_ptr<shared_block> open_block(fd memory, std::uint64_t kind);
/// The same, mapped so that to write to it is a fault.
[[nodiscard]] std::shared_ptr<shared_block> open_block_to_read(fd memory, std::uint64_t kind);
/// Whether two are the same memory, mapped once or twice.
[[nodiscard]] bool is_same_memory(const shared_block& a, const shared_block& b) noexcept;

[[nodiscard]] void* data_of(const shared_block& block) noexcept;
[[nodiscard]] std::size_t size_of(const shared_block& block) noexcept;
[[nodiscard]] std::shared_ptr<const fd> descriptor_of(const std::shared_ptr<shared_block>& block);
/// Another descriptor of it, through which the kernel lets nobody map it for writing. Throws: `os_error`.
[[nodiscard]] std::shared_ptr<const fd> read_only_descriptor_of(const shared_block& block);

/// What arrived for a handle.
struct received_block {
    fd memory;
};

/// What all handles on a block have in common: copies are the same object, and a moved-from one throws.
class block_handle {
public:
    friend bool operator==(const block_handle& a, const block_handle& b) noexcept
    {
        return a.block_ == b.block_ || (a.block_ && b.block_ && is_same_memory(*a.block_, *b.block_));
    }

    /// For the codec.
    [[nodiscard]] const std::shared_ptr<shared_block>& block() const
    {
        if (!block_) [[unlikely]]
            throw std::logic_error("use of a handle that was moved from");
        return block_;
    }

protected:
    explicit block_handle(std::shared_ptr<shared_block> block) noexcept : block_(std::move(block)) {}

    template <class State>
    [[nodiscard]] State& state() const
    {
        return *static_cast<State*>(data_of(*block()));
    }

private:
    std::shared_ptr<shared_block> block_;
};

/// How such a handle travels. `Handle` has a constructor from `received_block`.
template <class Handle>
struct block_codec {
    static constexpr bool handles = true;
    static void put(sink& out, const Handle& handle) { encode(out, out.attach(descriptor_of(handle.block()))); }
    static Handle get(source& in) { return Handle(received_block{in.take_descriptor(decode<std::uint32_t>(in))}); }
};

/// How one travels that only reads.
template <class Handle>
struct read_only_codec {
    static constexpr bool handles = true;
    static void put(sink& out, const Handle& handle)
    {
        encode(out, out.attach(read_only_descriptor_of(*handle.block())));
    }
    static Handle get(source& in) { return Handle(received_block{in.take_descriptor(decode<std::uint32_t>(in))}); }
};

} // namespace ruche::detail
