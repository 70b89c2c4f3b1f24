#pragma once

#include "actor/protocol.hpp"
#include "service.hpp"
#include "turn.hpp"

#include <ruche/detail/future_core.hpp>
#include <ruche/exit_status.hpp>
#include <ruche/process.hpp>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace ruche::detail {

/// The caller's end of a line to an object: sends calls, and settles their futures as answers come.
///
/// Who waits for an answer reads the line itself, and settles what belongs to others on the way; those others sleep,
/// and when the one who reads has got its own answer, one of them goes on. Where nobody waits and somebody wants to be
/// called back, the service thread reads. There is one reader at a time.
class actor_line final : public debtor, public std::enable_shared_from_this<actor_line> {
public:
    actor_line(fd socket, std::string name);
    ~actor_line() override;

    /// Returns whether it was sent; it was not if the object's process is gone. Throws: `deadline_exceeded`,
    /// `os_error`.
    bool send(call_kind kind, const actor_task& call, const std::shared_ptr<future_core>& answer,
              const deadline& until);
    /// Sends something else; not counted among the calls.
    bool send(call_kind kind, std::span<const std::shared_ptr<const fd>> descriptors, const actor_task& call);

    /// Waits until the object is there. Returns false if it has gone instead.
    bool wait_for_hello(const deadline& until);
    /// The same for an object beside another: what its constructor threw, or null.
    [[nodiscard]] std::exception_ptr wait_for_error_or_hello();
    /// Waits for the answer to `leave`, or the end. Returns whether the process has more to do, for other handles or
    /// other objects; nothing, if neither came.
    std::optional<bool> wait_for_others(const deadline& until);

    [[nodiscard]] bool is_broken();
    /// A call could not be sent any more.
    void note_broken() { break_off(); }
    /// How the object's process ended, once the line is broken: as far as it can be told from here, if nobody tells
    /// better.
    [[nodiscard]] exit_status end();
    void tell_end_by(std::function<exit_status()> ask);
    /// The process that made it.
    [[nodiscard]] int owner() const noexcept { return owner_; }

    void wait(future_core& core, const wait_bounds& bounds) override;
    void watch(future_core& core) override;
    void cancel(future_core& core) override;
    [[nodiscard]] std::string name() const override { return name_; }

private:
    enum class reader { none, thread, service };

    [[nodiscard]] const os::code_location& location(const actor_task& call);
    void make_room(const deadline& until);
    bool read_one(const deadline& until);
    void take(line_message<reply_header>&& reply);
    void take_refusal(line_message<reply_header>&& reply);
    void break_off();
    void read_until(const std::function<bool()>& enough, const deadline& until);
    void hand_over();
    void wake_sleepers();
    void let_service_read();
    void service_reads();
    [[nodiscard]] std::shared_ptr<future_core> forget(std::uint64_t number);

    const fd socket_;
    const std::string name_;
    const int owner_;
    turn sending_;                  ///< one call after the other, in the order of their numbers
    std::uint64_t last_number_ = 0; ///< guarded by sending_
    std::unordered_map<const task_registration*, os::code_location> locations_; ///< guarded by sending_

    std::mutex mutex_;                ///< guards what follows
    std::condition_variable changed_; ///< an answer has come, or nobody reads any more
    std::map<std::uint64_t, std::shared_ptr<future_core>> unanswered_;
    reader reader_ = reader::none;
    std::size_t sleepers_ = 0; ///< who wait, and don't read
    bool watched_ = false;     ///< somebody waits for a callback
    service::ticket ticket_ = 0;
    bool greeted_ = false;
    std::exception_ptr refused_; ///< what the constructor threw
    bool broken_ = false;
    std::optional<bool> others_;
    fd process_; ///< a pidfd, once greeted
    std::function<exit_status()> ask_;
    std::optional<exit_status> end_;
};

} // namespace ruche::detail
