#include <ruche/wire/polymorphic.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <string>

namespace ruche::wire {

namespace {

/// All that was said with `derived_from`, by all modules of the program: static initialisation is where it is said, and
/// a module that is loaded later adds to it, so this is the one object of its kind.
class derived_registry {
public:
    void add(const derived_entry& entry)
    {
        const std::unique_lock lock(mutex_);
        for (const derived_entry& known : entries_)
            if (*known.base == *entry.base && *known.derived == *entry.derived)
                return; // an inline variable, or two modules that say the same
        entries_.push_back(entry);
    }

    template <class Fits>
    const derived_entry* find(const std::type_info& base, Fits fits) const
    {
        const std::shared_lock lock(mutex_);
        for (const derived_entry& entry : entries_)
            if (*entry.base == base && fits(entry))
                return &entry;
        return nullptr;
    }

private:
    mutable std::shared_mutex mutex_;
    std::deque<derived_entry> entries_; // guarded by mutex_; an entry never moves and never goes
};

derived_registry& registry()
{
    static derived_registry all;
    return all;
}

std::string demangled(const std::type_info& type)
{
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, nullptr),
                                                      std::free);
    return name ? name.get() : type.name();
}

} // namespace

void register_derived(const derived_entry& entry) { registry().add(entry); }

const void* functions_of(const std::type_info& base, const std::type_info& derived) noexcept
{
    const auto* entry = registry().find(base, [&](const derived_entry& each) { return *each.derived == derived; });
    return entry ? entry->functions : nullptr;
}

const void* functions_to_put(const std::type_info& base, const std::type_info& derived, std::uint64_t& id)
{
    const auto* entry = registry().find(base, [&](const derived_entry& each) { return *each.derived == derived; });
    if (!entry)
        throw std::logic_error("a pointer to " + demangled(base) + " refers to a " + demangled(derived) +
                               ", which nothing says may travel so: add inline const ruche::derived_from<" +
                               demangled(derived) + ", " + demangled(base) + "> some_name;");
    const auto same_id = [&](const derived_entry& each) { return each.id == entry->id && *each.derived != derived; };
    if (registry().find(base, same_id))
        throw std::logic_error("two types derived from " + demangled(base) + " are called " + std::string(entry->name));
    id = entry->id;
    return entry->functions;
}

const void* functions_to_get(const std::type_info& base, std::uint64_t id, const source& in, const std::byte* at)
{
    const auto* entry = registry().find(base, [&](const derived_entry& each) { return each.id == id; });
    if (!entry)
        in.fail_at(at, "a pointer to " + demangled(base) + " is of a derived type that this program does not know");
    return entry->functions;
}

} // namespace ruche::wire
