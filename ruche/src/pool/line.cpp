#include "pool/line.hpp"

#include "os/byte_line.hpp"
#include "os/event.hpp"
#include "os/shared_mapping.hpp"
#include "waiter.hpp"

#include <new>

namespace ruche::pooling {

namespace {

constexpr std::size_t read_at_once = 64 * 1024;

/// What descriptors travel beside: a stream can't carry them alone.
constexpr std::array carrier{std::byte{0}};

class mapped_line {
public:
    explicit mapped_line(const fd& memory) :
        mapping_(memory, {{0, rounded()}}), shared_(std::launder(reinterpret_cast<shared_line*>(mapping_.data())))
    {}
    [[nodiscard]] shared_line& operator*() const noexcept { return *shared_; }
    [[nodiscard]] shared_line* operator->() const noexcept { return shared_; }
    /// What a mapping has to be long.
    [[nodiscard]] static std::size_t rounded() noexcept
    {
        const std::size_t page = os::page_size();
        return (sizeof(shared_line) + page - 1) / page * page;
    }

private:
    os::shared_mapping mapping_;
    shared_line* shared_;
};

/// Descriptors that have arrived, and the socket by which they do.
class descriptor_way {
public:
    explicit descriptor_way(fd socket) noexcept : socket_(std::move(socket)) {}

    [[nodiscard]] bool send(std::span<const int> numbers, bool wait)
    {
        return os::send_some(socket_, carrier, numbers, wait).state != os::line_state::would_block;
    }
    // They were sent before their record, so there is nothing to wait for; a peer that has sent none has none.
    void receive(std::size_t count, std::vector<fd>& to)
    {
        std::array<std::byte, carrier.size()> beside;
        while (arrived_.size() < count)
            if (os::receive_some(socket_, beside, arrived_, false).state != os::line_state::moved)
                break;
        for (; count > 0 && !arrived_.empty(); --count) {
            to.push_back(std::move(arrived_.front()));
            arrived_.pop_front();
        }
    }

private:
    fd socket_;
    std::deque<fd> arrived_;
};

// --- through memory ---

class ring_worker_line final : public worker_line {
public:
    ring_worker_line(fd socket, const fd& memory, fd event, os::readiness_set& set, std::uint64_t key) :
        shared_(memory), out_(shared_->requests), in_(shared_->results), descriptors_(std::move(socket)),
        event_(std::move(event)), set_(set)
    {
        set_.add_edge(event_.get(), key);
    }
    ~ring_worker_line() override { set_.remove(event_.get()); }

    std::size_t send(std::span<const std::byte> bytes) override
    {
        const auto sent = out_.write(bytes);
        if (!sent)
            return bytes.size();
        wake_worker();
        return *sent;
    }
    void want_room(bool wanted) override
    {
        if (std::exchange(wants_room_, wanted) == wanted && !wanted)
            return;
        shared_->pool_wants_room.store(wanted ? 1 : 0);
        if (wanted && out_.has_room()) // which the worker may have made before it could know
            os::set_event(event_);
    }
    bool send_descriptors(std::span<const int> numbers) override { return descriptors_.send(numbers, false); }

    bool has_news() const noexcept override { return in_.has_more(); }
    bool receive(std::vector<std::byte>& to) override
    {
        const auto got = in_.read(to);
        if (got && *got > 0)
            wake_worker(); // it may wait for room
        return got.has_value();
    }
    void receive_descriptors(std::size_t count, std::vector<fd>& to) override { descriptors_.receive(count, to); }

    void arm() noexcept override { shared_->pool_listens.store(1); }
    void disarm() noexcept override
    {
        if (shared_->pool_listens.load(std::memory_order_relaxed) != 0)
            shared_->pool_listens.store(0, std::memory_order_relaxed); // if it comes too late there is one event more
    }

private:
    void wake_worker() noexcept
    {
        if (shared_->worker_sleeps.load() != 0 && shared_->worker_sleeps.exchange(0) != 0)
            os::futex_wake(shared_->worker_sleeps);
    }

    mapped_line shared_;
    ring_writer out_;
    ring_reader in_;
    descriptor_way descriptors_;
    fd event_;
    os::readiness_set& set_;
    bool wants_room_ = false;
};

class ring_pool_line final : public pool_line {
public:
    explicit ring_pool_line(line_end end) :
        shared_(end.memory), in_(shared_->requests), out_(shared_->results), descriptors_(std::move(end.socket)),
        event_(std::move(end.event))
    {}

    bool receive(std::vector<std::byte>& to) override
    {
        for (;;) {
            const auto got = in_.read(to);
            if (!got)
                return false;
            if (*got > 0)
                break;
            wait([this] { return in_.has_more(); });
        }
        if (shared_->pool_wants_room.load() != 0 && shared_->pool_wants_room.exchange(0) != 0)
            os::set_event(event_);
        return true;
    }
    void send(std::span<const std::byte> bytes) override
    {
        for (;;) {
            const auto sent = out_.write(bytes);
            if (!sent)
                return;
            if (shared_->pool_listens.load() != 0 && shared_->pool_listens.exchange(0) != 0)
                os::set_event(event_);
            bytes = bytes.subspan(*sent);
            if (bytes.empty())
                return;
            wait([this] { return out_.has_room(); });
        }
    }
    std::vector<fd> receive_descriptors(std::size_t count) override
    {
        std::vector<fd> taken;
        descriptors_.receive(count, taken);
        return taken;
    }
    void send_descriptors(std::span<const int> numbers) override { (void)descriptors_.send(numbers, true); }

private:
    template <class Ready>
    void wait(Ready ready) noexcept
    {
        if (spin_.spin(0, ready)) // tasks come one by one, not as a dense stream
            return;
        os::look_at_processors();
        shared_->worker_sleeps.store(1);
        if (ready())
            shared_->worker_sleeps.store(0);
        else
            os::futex_wait(shared_->worker_sleeps, 1, deadline::never());
    }

    mapped_line shared_;
    ring_reader in_;
    ring_writer out_;
    descriptor_way descriptors_;
    fd event_;
    detail::spin_budget spin_;
};

// --- through a socket ---

class socket_worker_line final : public worker_line {
public:
    socket_worker_line(fd socket, os::readiness_set& set, std::uint64_t key) :
        socket_(std::move(socket)), set_(set), key_(key)
    {
        set_.add(socket_.get(), key_);
    }
    ~socket_worker_line() override { set_.remove(socket_.get()); }

    std::size_t send(std::span<const std::byte> bytes) override
    {
        const auto went = os::send_some(socket_, bytes, {}, false);
        return went.state == os::line_state::ended ? bytes.size() : went.bytes;
    }
    void want_room(bool wanted) override
    {
        if (std::exchange(wants_room_, wanted) != wanted && !ended_)
            set_.set_heeded(socket_.get(), key_, true, wanted);
    }
    bool send_descriptors(std::span<const int>) override { return true; } // what has some was refused before

    bool has_news() const noexcept override { return false; } // it would take a system call; the set tells
    bool receive(std::vector<std::byte>& to) override
    {
        const std::size_t before = to.size();
        to.resize(before + read_at_once);
        std::deque<fd> none;
        const auto got = os::receive_some(socket_, std::span(to).subspan(before), none, false);
        to.resize(before + got.bytes);
        if (got.state == os::line_state::ended && !std::exchange(ended_, true))
            set_.remove(socket_.get()); // or it would be told for ever
        return got.state != os::line_state::ended;
    }
    void receive_descriptors(std::size_t, std::vector<fd>&) override {}

    void arm() noexcept override {} // a socket always tells
    void disarm() noexcept override {}

private:
    fd socket_;
    os::readiness_set& set_;
    std::uint64_t key_;
    bool wants_room_ = false;
    bool ended_ = false;
};

class socket_pool_line final : public pool_line {
public:
    explicit socket_pool_line(fd socket) noexcept : socket_(std::move(socket)) {}

    bool receive(std::vector<std::byte>& to) override
    {
        const std::size_t before = to.size();
        to.resize(before + read_at_once);
        const auto got = os::read_some(socket_, std::span(to).subspan(before));
        to.resize(before + got.bytes);
        return got.state != os::line_state::ended;
    }
    // A pool that is gone takes its workers with it, so that it can't be told anything is no matter.
    void send(std::span<const std::byte> bytes) override { (void)os::write_all(socket_, bytes); }
    std::vector<fd> receive_descriptors(std::size_t) override { return {}; }
    void send_descriptors(std::span<const int>) override {}

private:
    fd socket_;
};

} // namespace

std::pair<std::unique_ptr<worker_line>, line_end> make_line(bool to_a_sandbox, os::readiness_set& set,
                                                            std::uint64_t key)
{
    auto [ours, theirs] = os::make_byte_line();
    if (to_a_sandbox)
        return {std::make_unique<socket_worker_line>(std::move(ours), set, key), line_end{std::move(theirs), {}, {}}};
    fd memory = os::make_memory("ruche pool line", mapped_line::rounded());
    os::reserve(memory, 0, mapped_line::rounded());
    fd event = os::make_event();
    line_end end{std::move(theirs), memory.duplicate(), event.duplicate()};
    return {std::make_unique<ring_worker_line>(std::move(ours), memory, std::move(event), set, key), std::move(end)};
}

std::unique_ptr<pool_line> open_line(line_end end)
{
    if (end.memory)
        return std::make_unique<ring_pool_line>(std::move(end));
    return std::make_unique<socket_pool_line>(std::move(end.socket));
}

} // namespace ruche::pooling
