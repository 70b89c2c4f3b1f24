#pragma once

#include <ruche/detail/actor_call.hpp>
#include <ruche/detail/actor_core.hpp>
#include <ruche/future.hpp>
#include <ruche/process.hpp>
#include <ruche/supervisor.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace ruche {

template <class T>
class actor;

/// Where an actor's object lives: in a process of its own, if nothing is said. See `in_process`, `beside`,
/// `supervised`.
class actor_place {
public:
    actor_place() = default;

private:
    template <class T>
    friend class actor;
    friend actor_place in_process(process_options options);
    template <class T>
    friend actor_place beside(const actor<T>& neighbour);
    friend actor_place supervised(supervisor& family, child_options options);

    struct own {
        process_options options;
    };
    struct shared {
        std::shared_ptr<detail::actor_core> neighbour;
    };
    struct kept {
        supervisor* family;
        child_options options;
    };
    using kind = std::variant<own, shared, kept>;
    explicit actor_place(kind where) : where_(std::move(where)) {}

    kind where_;
};

/// A process of its own, started so.
[[nodiscard]] inline actor_place in_process(process_options options)
{
    return actor_place(actor_place::own{std::move(options)});
}

/// The process of another actor: their calls take turns, and they die together.
template <class T>
[[nodiscard]] actor_place beside(const actor<T>& neighbour);

/// A process of its own that a supervisor keeps: if it dies, a new object is made from the same arguments, and calls go
/// to that. (Those that were under way fail with `process_died`.) The policy is `transient`: it ends with its last
/// handle. The supervisor must outlive the making of the actor, and the actor ends with it.
[[nodiscard]] inline actor_place supervised(supervisor& family, child_options options)
{
    return actor_place(actor_place::kept{&family, std::move(options)});
}

/// An object that lives in a process of its own, and whose member functions are called from any other: the counterpart
/// of Python's managers and proxies.
///
///     ruche::actor<directory> d("home");                      // directory("home"), in another process
///     ruche::process p(reader, d);                            // a handle: the object stays where it is
///     int n = d.call<&directory::unread>("xkcd");             // waits for the answer
///     ruche::future<int> later = d.async<&directory::unread>("xkcd");
///     d.tell<&directory::add>("xkcd", 3);                     // nobody waits; what it throws is told on standard
///     error
///
/// Arguments are converted to the parameters' types and copied there, results back; a parameter that is a reference
/// which is not const is refused when you compile. An exception arrives at the caller, as the same type where it can be
/// rebuilt. If the first parameter is a `stop_token`, it is supplied. The object needs no locks: its process carries
/// out one call after the other, those of one process in the order in which they were made, and those of several in
/// turn.
///
/// Across processes: a handle can be an argument, a member, an item of a queue, also an argument of a call. All copies
///   mean one object, and the object lives until the last has gone, wherever that was, by whatever death: the kernel
///   counts. Then it carries out what was called, is destroyed, and its process ends; the process that made it waits
///   for that, if its handle was the last, as long as a `process` is waited for. (A handle that the object holds on
///   itself keeps it for ever, or until `stop`.)
/// Blocks: a call until it is answered. Calls are bounded: one that finds 32 unanswered ones of this process, or a full
///   line, waits for room. Two actors that `call` each other wait for each other; give such calls a deadline.
/// If its process dies: calls fail at once with `process_died`, those under way and all later ones; or, when it is
///   supervised, later ones reach the new object, as soon as it is there.
/// If the caller dies in a call: the call is carried out, and nobody hears of it.
/// Thread safety: all members may be called from any thread; distinct handles cost nothing over one.
template <class T>
class actor {
public:
    using object_type = T;

    /// Makes the object, and waits for it.
    /// Throws: what its constructor threw; `start_failed`; `process_died`.
    template <class... Args>
    requires(!(sizeof...(Args) == 1 && (std::same_as<std::remove_cvref_t<Args>, actor> && ...)) &&
             !(std::same_as<std::remove_cvref_t<Args>, actor_place> || ...)) explicit actor(Args&&... arguments) :
        actor(actor_place(), std::forward<Args>(arguments)...)
    {}
    /// The same, somewhere else: `ruche::actor<log> l(ruche::beside(d), "news.log")`.
    template <class... Args>
    explicit actor(actor_place where, Args&&... arguments) :
        core_(make(std::move(where), detail::make_creation<T>(std::forward<Args>(arguments)...)))
    {}

    /// Calls a member function and gives its result. Throws: what it threw; `process_died`; `too_large`.
    template <auto Function, class... Args>
    auto call(Args&&... arguments) const
    {
        return answer_of(detail::send_member_call<T, Function, false>(core(), deadline::never(),
                                                                      std::forward<Args>(arguments)...))
            .get();
    }
    /// The same, waiting at most so long. Throws also: `deadline_exceeded`; the call may still be carried out.
    template <auto Function, class... Args>
    auto call_for(std::chrono::nanoseconds patience, Args&&... arguments) const
    {
        const deadline until(patience);
        return answer_of(detail::send_member_call<T, Function, false>(core(), until, std::forward<Args>(arguments)...))
            .get_for(until.left());
    }

    /// Calls it and doesn't wait: the future gets the result, or the error. To cancel the future gives up the answer;
    /// the call is carried out. Throws: `process_died`.
    template <auto Function, class... Args>
    [[nodiscard]] auto async(Args&&... arguments) const
    {
        return answer_of(
            detail::send_member_call<T, Function, false>(core(), deadline::never(), std::forward<Args>(arguments)...));
    }

    /// Calls it one way: there is no answer, and no error comes back. Throws: `process_died`.
    template <auto Function, class... Args>
    void tell(Args&&... arguments) const
    {
        (void)detail::send_member_call<T, Function, true>(core(), deadline::never(), std::forward<Args>(arguments)...);
    }

    /// Ends the object, for all handles, once the calls that this process has made are carried out.
    void stop() const { detail::stop_actor(core()); }

    /// Handles on the same object are equal.
    friend bool operator==(const actor& a, const actor& b) noexcept { return a.core_ == b.core_; }

private:
    friend struct codec<actor>;
    template <class U>
    friend actor_place beside(const actor<U>& neighbour);

    explicit actor(std::shared_ptr<detail::actor_core> core) noexcept : core_(std::move(core)) {}

    static std::shared_ptr<detail::actor_core> make(actor_place where, const detail::actor_task& creation)
    {
        const std::string name = "actor " + std::string(wire::type_name<T>());
        if (auto* const beside = std::get_if<actor_place::shared>(&where.where_))
            return detail::make_actor_beside(beside->neighbour, name, creation);
        if (auto* const kept = std::get_if<actor_place::kept>(&where.where_))
            return detail::make_supervised_actor(*kept->family, std::move(kept->options), creation);
        process_options options = std::move(std::get<actor_place::own>(where.where_).options);
        if (options.name.empty())
            options.name = name;
        return detail::make_actor(std::move(options), creation);
    }
    template <class Answer>
    static future<Answer> answer_of(std::shared_ptr<detail::future_state<Answer>> state)
    {
        return future<Answer>(std::move(state));
    }

    [[nodiscard]] detail::actor_core& core() const
    {
        if (!core_)
            throw std::logic_error("use of an actor handle that was moved from");
        return *core_;
    }

    std::shared_ptr<detail::actor_core> core_;
};

template <class T>
[[nodiscard]] actor_place beside(const actor<T>& neighbour)
{
    (void)neighbour.core();
    return actor_place(actor_place::shared{neighbour.core_});
}

template <class T>
struct codec<actor<T>> {
    static constexpr bool handles = true;

    static void put(sink& out, const actor<T>& sent)
    {
        encode(out, detail::name_of(sent.core()));
        encode(out, out.attach(detail::door_of(sent.core_)));
    }
    static actor<T> get(source& in)
    {
        auto name = decode<std::string>(in);
        return actor<T>(detail::open_actor(in.take_descriptor(decode<std::uint32_t>(in)), std::move(name)));
    }
};

} // namespace ruche
