#include "shared_block.hpp"

#include "memory_registry.hpp"
#include "os/process_identity.hpp"

#include <ruche/error.hpp>

#include <new>

namespace ruche::detail {

namespace {

// Never destroyed: handles that are global objects may outlive whatever order of destruction there is.
memory_registry<shared_block>& registry()
{
    static auto& blocks = *new memory_registry<shared_block>;
    return blocks;
}

// Of those that are mapped to be read only; the same memory may be in both.
memory_registry<shared_block>& read_only_registry()
{
    static auto& blocks = *new memory_registry<shared_block>;
    return blocks;
}

std::shared_ptr<shared_block> map(fd memory, os::access how)
{
    const std::size_t size = os::sealed_size(memory);
    if (size < block_header::data_offset)
        throw bad_message("shared memory is too small", 0);
    os::shared_mapping mapping(memory, {{0, size}}, how);
    const auto which = os::identity(memory);
    auto block = std::make_shared<shared_block>(std::move(memory), std::move(mapping), which);
    const block_header& header = block->header();
    if (header.magic != block_header::right_magic || header.bytes > size - block_header::data_offset)
        throw bad_message("the descriptor is not that of shared memory of this build", 0);
    if (header.pid_namespace != os::pid_namespace())
        throw bad_message("shared memory comes from another pid namespace, where its locks can't be shared", 0);
    return block;
}

} // namespace

std::shared_ptr<shared_block> make_block(std::size_t bytes, std::uint64_t kind, const char* label)
{
    if (bytes > std::size_t{1} << 46)
        throw too_large("shared memory of " + std::to_string(bytes) + " bytes");
    const std::size_t page = os::page_size();
    const std::size_t size = (bytes + block_header::data_offset + page - 1) / page * page;
    fd memory = os::make_memory(label, size);
    os::shared_mapping mapping(memory, {{0, size}});
    os::reserve(memory, 0, size);
    auto* header = new (mapping.data()) block_header;
    header->kind = kind;
    header->pid_namespace = os::pid_namespace();
    header->bytes = bytes;
    const auto which = os::identity(memory);
    return registry().get(which,
                          [&] { return std::make_shared<shared_block>(std::move(memory), std::move(mapping), which); });
}

namespace {

std::shared_ptr<shared_block> open(memory_registry<shared_block>& known, fd memory, std::uint64_t kind, os::access how)
{
    const auto which = os::identity(memory);
    auto block = known.get(which, [&] { return map(std::move(memory), how); });
    if (block->header().kind != kind)
        throw bad_message("shared memory holds something of another type", 0);
    return block;
}

} // namespace

std::shared_ptr<shared_block> open_block(fd memory, std::uint64_t kind)
{
    return open(registry(), std::move(memory), kind, os::access::write);
}

std::shared_ptr<shared_block> open_block_to_read(fd memory, std::uint64_t kind)
{
    return open(read_only_registry(), std::move(memory), kind, os::access::read);
}

bool is_same_memory(const shared_block& a, const shared_block& b) noexcept { return a.identity() == b.identity(); }

std::shared_ptr<const fd> read_only_descriptor_of(const shared_block& block)
{
    return std::make_shared<const fd>(os::reopen_to_read(block.memory()));
}

void* data_of(const shared_block& block) noexcept { return block.data(); }
std::size_t size_of(const shared_block& block) noexcept { return block.header().bytes; }

std::shared_ptr<const fd> descriptor_of(const std::shared_ptr<shared_block>& block)
{
    return {block, &block->memory()};
}

} // namespace ruche::detail
