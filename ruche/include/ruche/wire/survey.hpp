#pragma once

#include <ruche/wire/associative.hpp>
#include <ruche/wire/choose.hpp>
#include <ruche/wire/numbers.hpp>
#include <ruche/wire/pointers.hpp>
#include <ruche/wire/sums.hpp>
#include <ruche/wire/times.hpp>

/// One walk through all the types that a type is made of, while compiling: is it sendable, and if not, where and why
/// not; is it portable; does it carry descriptors; what is its fingerprint. A type that was seen is not entered again,
/// so a node that holds a pointer to a node ends the walk like any other.
namespace ruche::wire {

/// Tells types apart while compiling. Not by an address: with -fsanitize=undefined, g++ takes no comparison of those
/// for a constant.
template <class T>
inline constexpr std::uint64_t type_number = [] {
    std::uint64_t hash = hash_of(type_name<T>());
    if constexpr (requires { sizeof(T); })
        hash += sizeof(T); // lambdas share one name
    return hash;
}();

/// What a walk looks for.
enum class quest { refusal, unportable, handles, fingerprint };

/// `Tells` is whether it notes the way that it goes, which is only wanted once something was found: names are dear.
template <bool Tells>
class survey {
public:
    constexpr explicit survey(quest looks_for) : quest_(looks_for) {}

    template <class T>
    constexpr void visit()
    {
        const std::size_t before = find(type_number<T>);
        if (quest_ == quest::fingerprint)
            mix(before == seen_count_ ? form<T>::tag : std::string_view("again"), before);
        if (before != seen_count_ || found_ != why::none)
            return;
        if (seen_count_ == most_types)
            return; // more types than anybody writes by hand; what lies beyond is seen when it is sent itself
        seen_[seen_count_++] = type_number<T>;
        judge<T>();
        if (found_ == why::none && form<T>::refusal == why::none && !(quest_ == quest::fingerprint && form<T>::evolves))
            visit_parts<T>(typename form<T>::parts{});
    }

    [[nodiscard]] constexpr why found() const { return found_; }
    [[nodiscard]] constexpr bool handles() const { return handles_; }
    [[nodiscard]] constexpr std::uint64_t fingerprint() const { return hash_; }
    /// The way to what was found, from the whole: `jobs[].log`.
    [[nodiscard]] constexpr std::string_view path() const { return path_.view(); }
    /// What was found there, and in which class it is.
    [[nodiscard]] constexpr std::string_view type() const { return type_; }
    [[nodiscard]] constexpr std::string_view owner() const { return owner_; }
    /// What the type says itself.
    [[nodiscard]] constexpr std::string_view said() const { return said_; }

private:
    static constexpr std::size_t most_types = 256;

    constexpr std::size_t find(std::uint64_t type) const
    {
        for (std::size_t i = 0; i != seen_count_; ++i)
            if (seen_[i] == type)
                return i;
        return seen_count_;
    }

    constexpr void mix(std::string_view words, std::size_t number) { hash_ = hash_of(words, hash_ * 31 + number); }

    template <class T>
    constexpr void judge()
    {
        if (quest_ == quest::refusal && form<T>::refusal != why::none)
            note<T>(form<T>::refusal);
        if (quest_ == quest::unportable && !form<T>::portable)
            note<T>(why::not_portable);
        if (form<T>::handles)
            handles_ = true;
    }

    template <class T>
    constexpr void note(why reason)
    {
        found_ = reason;
        type_ = type_name<T>();
        if constexpr (form<T>::refusal == why::said)
            said_ = words_of(typename T::not_sendable{});
    }
    template <auto Reason>
    static constexpr std::string_view words_of(because<Reason>)
    {
        return because_words<Reason>;
    }
    template <auto Reason>
    static constexpr std::string_view because_words{Reason.letters, Reason.size()};

    template <class T, class... Parts>
    constexpr void visit_parts(types<Parts...>)
    {
        std::size_t place = 0;
        (visit_part<T, Parts>(place++), ...);
        if (quest_ == quest::fingerprint)
            mix("end", sizeof...(Parts));
    }

    template <class T, class Part>
    constexpr void visit_part(std::size_t place)
    {
        if (found_ != why::none)
            return;
        if constexpr (Tells) {
            const std::size_t size = path_.size();
            append<T>(form<T>::steps[place]);
            visit<Part>();
            if (found_ == why::none)
                path_.cut(size);
            else if (owner_.empty() && form<T>::tag == "record")
                owner_ = type_name<T>();
        } else {
            visit<Part>();
        }
    }

    template <class T>
    constexpr void append(std::string_view step)
    {
        if (quest_ == quest::fingerprint) {
            if (form<T>::tag == "record")
                mix(step, 1);
        } else if constexpr (requires { form<T>::names_types; }) {
            path_ += ".get<";
            path_ += step;
            path_ += ">()";
        } else {
            // `->` needs no point before a name, and a name at the very start none either.
            if (form<T>::tag == "record" && path_.size() != 0 && !path_.view().ends_with("->"))
                path_ += ".";
            path_ += step;
        }
    }

    quest quest_;
    std::uint64_t seen_[most_types]{};
    std::size_t seen_count_ = 0;
    why found_ = why::none;
    bool handles_ = false;
    std::uint64_t hash_ = 0xcbf29ce484222325u;
    std::conditional_t<Tells, long_text, types<>> path_;
    std::string_view type_, owner_, said_;
};

template <class T, bool Tells = false>
constexpr survey<Tells> look_for(quest what)
{
    survey<Tells> walk(what);
    walk.template visit<T>();
    return walk;
}

template <class T>
constexpr std::uint64_t fingerprint_of()
{
    return look_for<T, true>(quest::fingerprint).fingerprint();
}

template <class T>
inline constexpr bool sendable_v = look_for<T>(quest::refusal).found() == why::none;
template <class T>
inline constexpr bool portable_v = sendable_v<T>&& look_for<T>(quest::unportable).found() == why::none;

template <class T>
constexpr std::uint32_t short_fingerprint()
{
    return short_hash(fingerprint_of<T>());
}

} // namespace ruche::wire
