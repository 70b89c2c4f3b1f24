#pragma once

#include <ruche/actor.hpp>
#include <ruche/wire.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Ready-made actors: what Python's `Manager` serves. (Its queues, locks and events are `ruche::queue`, `mutex`,
/// `event`, …, which need no server and are faster; one number or a plain struct is best in `ruche::shared`.)
///
///     ruche::managed_dictionary<std::string, int> unread;
///     ruche::managed_list<std::string> log(ruche::beside(unread));       // in the same process
///     ruche::process p(reader, unread, log);                             // handles
///     unread.add("xkcd", 3);
///
/// Each member function is one call: what it does, it does as a whole, and others come before or after it. Two calls
/// are two: for "look, then change" there are `add`, `insert`, `replace`. Values are copies; to change one in its
/// place, call `set`. For more, write a class of your own and make it an `actor`.
///
/// Handles, as `actor` is, with its promises about lifetime, deaths and threads. Throws: as `actor::call`.
namespace ruche {

namespace detail {

template <class Key, class Value>
class dictionary_object {
public:
    std::optional<Value> get(const Key& key) const
    {
        const auto found = all_.find(key);
        return found == all_.end() ? std::nullopt : std::optional(found->second);
    }
    void set(Key key, Value value) { all_.insert_or_assign(std::move(key), std::move(value)); }
    void update(std::map<Key, Value> more)
    {
        for (auto& [key, value] : more)
            all_.insert_or_assign(key, std::move(value));
    }
    bool insert(Key key, Value value) { return all_.emplace(std::move(key), std::move(value)).second; }
    bool replace(const Key& key, const Value& expected, Value value)
    {
        const auto found = all_.find(key);
        if (found == all_.end() || !(found->second == expected))
            return false;
        found->second = std::move(value);
        return true;
    }
    Value add(Key key, Value amount) { return all_[std::move(key)] += amount; }
    std::optional<Value> take(const Key& key)
    {
        auto node = all_.extract(key);
        return node ? std::optional(std::move(node.mapped())) : std::nullopt;
    }
    std::size_t size() const { return all_.size(); }
    bool contains(const Key& key) const { return all_.contains(key); }
    std::vector<Key> keys() const
    {
        std::vector<Key> keys;
        for (const auto& [key, value] : all_)
            keys.push_back(key);
        return keys;
    }
    std::map<Key, Value> items() const { return all_; }
    void clear() { all_.clear(); }

private:
    std::map<Key, Value> all_;
};

template <class T>
class list_object {
public:
    void push_back(T value) { all_.push_back(std::move(value)); }
    void extend(std::vector<T> more) { all_.insert(all_.end(), more.begin(), more.end()); }
    std::optional<T> pop_back()
    {
        if (all_.empty())
            return std::nullopt;
        T last = std::move(all_.back());
        all_.pop_back();
        return last;
    }
    T at(std::size_t index) const { return all_.at(index); }
    void set(std::size_t index, T value) { all_.at(index) = std::move(value); }
    void insert(std::size_t index, T value)
    {
        if (index > all_.size())
            throw std::out_of_range("insert at " + std::to_string(index) + " into a list of " +
                                    std::to_string(all_.size()));
        all_.insert(all_.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
    }
    void erase(std::size_t index)
    {
        (void)all_.at(index);
        all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(index));
    }
    std::size_t size() const { return all_.size(); }
    std::vector<T> items() const { return all_; }
    void clear() { all_.clear(); }

private:
    std::vector<T> all_;
};

class counter_object {
public:
    std::int64_t add(std::int64_t amount) { return value_ += amount; }
    std::int64_t get() const { return value_; }
    std::int64_t exchange(std::int64_t value) { return std::exchange(value_, value); }

private:
    std::int64_t value_ = 0;
};

/// What the ready-made ones have in common: a handle on an object.
template <class Object>
class managed_handle {
public:
    /// The actor itself, to put others beside it.
    [[nodiscard]] const actor<Object>& as_actor() const noexcept { return object_; }
    [[nodiscard]] actor<Object> get_state() const { return object_; }
    friend bool operator==(const managed_handle&, const managed_handle&) = default;

protected:
    explicit managed_handle(actor_place where) : object_(std::move(where)) {}
    explicit managed_handle(actor<Object> object) : object_(std::move(object)) {}

    actor<Object> object_;
};

} // namespace detail

template <class Object>
[[nodiscard]] actor_place beside(const detail::managed_handle<Object>& neighbour)
{
    return beside(neighbour.as_actor());
}

/// A `std::map` that processes share: Python's `Manager().dict()`.
template <class Key, class Value>
class managed_dictionary : public detail::managed_handle<detail::dictionary_object<Key, Value>> {
    using object = detail::dictionary_object<Key, Value>;

public:
    explicit managed_dictionary(actor_place where = {}) : detail::managed_handle<object>(std::move(where)) {}
    explicit managed_dictionary(actor<object> known) : detail::managed_handle<object>(std::move(known)) {}
    [[nodiscard]] static managed_dictionary set_state(actor<object> known)
    {
        return managed_dictionary(std::move(known));
    }

    /// The value of a key, if there is one.
    [[nodiscard]] std::optional<Value> get(const Key& key) const
    {
        return this->object_.template call<&object::get>(key);
    }
    [[nodiscard]] bool contains(const Key& key) const { return this->object_.template call<&object::contains>(key); }
    void set(const Key& key, const Value& value) { this->object_.template call<&object::set>(key, value); }
    /// Sets many at once.
    void update(const std::map<Key, Value>& more) { this->object_.template call<&object::update>(more); }
    /// Sets it unless it is there. Returns whether it was not.
    bool insert(const Key& key, const Value& value) { return this->object_.template call<&object::insert>(key, value); }
    /// Sets it if it is there and has the value `expected`. Returns whether it was so.
    bool replace(const Key& key, const Value& expected, const Value& value)
    {
        return this->object_.template call<&object::replace>(key, expected, value);
    }
    /// Adds to a value, which begins as a default one. Returns the sum.
    Value add(const Key& key, const Value& amount) requires requires(Value& v) { v += amount; }
    {
        return this->object_.template call<&object::add>(key, amount);
    }
    /// Takes it out.
    std::optional<Value> take(const Key& key) { return this->object_.template call<&object::take>(key); }
    bool erase(const Key& key) { return take(key).has_value(); }
    [[nodiscard]] std::size_t size() const { return this->object_.template call<&object::size>(); }
    [[nodiscard]] std::vector<Key> keys() const { return this->object_.template call<&object::keys>(); }
    /// A copy of all.
    [[nodiscard]] std::map<Key, Value> items() const { return this->object_.template call<&object::items>(); }
    void clear() { this->object_.template call<&object::clear>(); }
};

/// A `std::vector` that processes share: Python's `Manager().list()`.
template <class T>
class managed_list : public detail::managed_handle<detail::list_object<T>> {
    using object = detail::list_object<T>;

public:
    explicit managed_list(actor_place where = {}) : detail::managed_handle<object>(std::move(where)) {}
    explicit managed_list(actor<object> known) : detail::managed_handle<object>(std::move(known)) {}
    [[nodiscard]] static managed_list set_state(actor<object> known) { return managed_list(std::move(known)); }

    void push_back(const T& value) { this->object_.template call<&object::push_back>(value); }
    void extend(const std::vector<T>& more) { this->object_.template call<&object::extend>(more); }
    /// Takes the last one out, if there is one.
    std::optional<T> pop_back() { return this->object_.template call<&object::pop_back>(); }
    /// Throws: `std::out_of_range`, as the next three do.
    [[nodiscard]] T at(std::size_t index) const { return this->object_.template call<&object::at>(index); }
    void set(std::size_t index, const T& value) { this->object_.template call<&object::set>(index, value); }
    void insert(std::size_t index, const T& value) { this->object_.template call<&object::insert>(index, value); }
    void erase(std::size_t index) { this->object_.template call<&object::erase>(index); }
    [[nodiscard]] std::size_t size() const { return this->object_.template call<&object::size>(); }
    /// A copy of all.
    [[nodiscard]] std::vector<T> items() const { return this->object_.template call<&object::items>(); }
    void clear() { this->object_.template call<&object::clear>(); }
};

/// A number that processes count with. (`ruche::shared<std::atomic<std::int64_t>>` is the faster one.)
class managed_counter : public detail::managed_handle<detail::counter_object> {
    using object = detail::counter_object;

public:
    explicit managed_counter(actor_place where = {}) : managed_handle(std::move(where)) {}
    explicit managed_counter(actor<object> known) : managed_handle(std::move(known)) {}
    [[nodiscard]] static managed_counter set_state(actor<object> known) { return managed_counter(std::move(known)); }

    /// Returns the sum.
    std::int64_t add(std::int64_t amount = 1) { return object_.call<&object::add>(amount); }
    [[nodiscard]] std::int64_t get() const { return object_.call<&object::get>(); }
    /// Returns what it was before.
    std::int64_t exchange(std::int64_t value) { return object_.call<&object::exchange>(value); }
};

/// Values of any sendable types under names: Python's `Manager().Namespace()`.
class managed_namespace
    : public detail::managed_handle<detail::dictionary_object<std::string, std::vector<std::byte>>> {
    using object = detail::dictionary_object<std::string, std::vector<std::byte>>;

public:
    explicit managed_namespace(actor_place where = {}) : managed_handle(std::move(where)) {}
    explicit managed_namespace(actor<object> known) : managed_handle(std::move(known)) {}
    [[nodiscard]] static managed_namespace set_state(actor<object> known)
    {
        return managed_namespace(std::move(known));
    }

    /// A value that carries no descriptor or handle.
    template <class T>
    void set(const std::string& name, const T& value)
    {
        put_bytes(name, to_bytes(value));
    }
    /// The value of a name, if there is one. Throws: `bad_message` if it is of another type, both of which are named.
    template <class T>
    [[nodiscard]] std::optional<T> get(const std::string& name) const
    {
        const auto bytes = bytes_of(name);
        return bytes ? std::optional(from_bytes<T>(*bytes)) : std::nullopt;
    }
    bool erase(const std::string& name) { return object_.call<&object::take>(name).has_value(); }
    [[nodiscard]] std::vector<std::string> names() const { return object_.call<&object::keys>(); }

private:
    // The calls stand outside of templates: g++ 12 forgets to make a function of a class template that only a template
    // which is never made refers to, and only by a template argument.
    void put_bytes(const std::string& name, const std::vector<std::byte>& bytes)
    {
        object_.call<&object::set>(name, bytes);
    }
    [[nodiscard]] std::optional<std::vector<std::byte>> bytes_of(const std::string& name) const
    {
        return object_.call<&object::get>(name);
    }
};

} // namespace ruche
