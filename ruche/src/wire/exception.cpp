#include <ruche/exception.hpp>

#include "wire/told_exception.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace ruche {

namespace wire {

namespace {

std::string demangled(const std::type_info& type)
{
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, nullptr),
                                                      std::free);
    return name ? name.get() : type.name();
}

/// The exception types of the program that travel as themselves; see derived_registry for why there is one.
class thrown_registry {
public:
    void add(const thrown_entry& entry)
    {
        const std::string name = demangled(*entry.type);
        const std::unique_lock lock(mutex_);
        if (!find_locked(name))
            entries_.push_back({name, entry});
    }
    const thrown_entry* find(const std::string& name) const
    {
        const std::shared_lock lock(mutex_);
        return find_locked(name);
    }

private:
    struct named_entry {
        std::string name;
        thrown_entry entry;
    };
    const thrown_entry* find_locked(const std::string& name) const
    {
        for (const named_entry& each : entries_)
            if (each.name == name)
                return &each.entry;
        return nullptr;
    }

    mutable std::shared_mutex mutex_;
    std::deque<named_entry> entries_; // guarded by mutex_; an entry never moves and never goes
};

thrown_registry& registry()
{
    static thrown_registry all;
    return all;
}

constexpr std::size_t most_nested = 64;

/// A program's own state of an exception, after its length and fingerprint, so that a reader who doesn't know the type
/// can step over it. Length 0 says that there is none.
void put_own_state(sink& out, const std::string& type_name, const std::exception_ptr& error)
{
    const auto start = out.here();
    encode(out, std::uint64_t{0});
    const thrown_entry* entry = registry().find(type_name);
    if (!entry)
        return;
    try {
        encode(out, entry->fingerprint);
        entry->put(out, error);
        const std::uint64_t size = out.size() - start.size - sizeof size;
        std::memcpy(out.at() - size - sizeof size, &size, sizeof size);
    } catch (...) { // its name and text still tell what happened; that its state could not be sent is the lesser news
        out.back_to(start);
        encode(out, std::uint64_t{0});
    }
}

std::exception_ptr get_own_state(source& in, const std::string& type_name, const std::exception_ptr& nested)
{
    const auto size = decode<std::uint64_t>(in);
    if (size == 0)
        return nullptr;
    if (size > in.left())
        in.fail("the state of an exception is longer than the message");
    const std::byte* end = in.at() + size;
    const thrown_entry* entry = registry().find(type_name);
    if (!entry || size < sizeof entry->fingerprint || decode<std::uint64_t>(in) != entry->fingerprint) {
        in.set_at(end);
        return nullptr;
    }
    std::exception_ptr error = entry->get(in, nested);
    if (in.at() != end)
        in.fail("the state of an exception has another length than was said");
    return error;
}

void put_chain(sink& out, const std::exception_ptr& error, std::string_view stack, std::size_t depth)
{
    if (!error || depth == most_nested) {
        encode(out, std::uint8_t{0});
        return;
    }
    std::exception_ptr nested;
    told_exception told = tell(error, nested);
    if (!stack.empty())
        told.stack = stack;
    encode(out, std::uint8_t{1});
    encode(out, told);
    put_chain(out, nested, {}, depth + 1);
    put_own_state(out, told.type_name, error);
}

received_exception get_chain(source& in, std::size_t depth)
{
    const auto present = decode<std::uint8_t>(in);
    if (present == 0)
        return {};
    if (present != 1 || depth == most_nested)
        in.fail("exceptions are nested too deep, or one is neither there nor not");
    auto told = decode<told_exception>(in);
    const std::exception_ptr nested = get_chain(in, depth + 1).error;
    std::exception_ptr error = get_own_state(in, told.type_name, nested);
    if (!error)
        error = rebuild(told, nested);
    if (!error)
        error = std::make_exception_ptr(remote_error(told.type_name, told.what, told.stack, nested));
    return {error, std::move(told.type_name), std::move(told.what), std::move(told.stack)};
}

} // namespace

void register_thrown(const thrown_entry& entry) { registry().add(entry); }

template <>
std::byte* compiled_form<std::exception_ptr>::put(std::byte* at, sink& out, const std::exception_ptr& error)
{
    out.set_at(at);
    put_chain(out, error, {}, 0);
    return out.at();
}
template <>
std::exception_ptr compiled_form<std::exception_ptr>::get(const std::byte*& at, source& in)
{
    in.set_at(at);
    const resume rest(at, in);
    return get_chain(in, 0).error;
}

} // namespace wire

void encode_exception(sink& message, const std::exception_ptr& error, std::string_view stack)
{
    wire::put_chain(message, error, stack, 0);
}

std::exception_ptr decode_exception(source& message) { return wire::get_chain(message, 0).error; }

received_exception decode_received_exception(source& message) { return wire::get_chain(message, 0); }

} // namespace ruche
