#include "pool/worker.hpp"

#include "control_page.hpp"
#include "os/futex.hpp"
#include "os/limits.hpp"
#include "os/socket.hpp"
#include "pool/life_points.hpp"
#include "pool/line.hpp"
#include "pool/messages.hpp"
#include "pool/this_worker.hpp"
#include "self.hpp"
#include "thrown.hpp"

#include <ruche/detail/task.hpp>

#include <array>
#include <chrono>
#include <cstring>
#include <cxxabi.h>
#include <memory>

namespace ruche::pooling {

namespace {

using clock = std::chrono::steady_clock;

/// How long the results of one task's calls may be held back for more to join them.
constexpr auto held_back_at_most = std::chrono::microseconds(200);

std::int64_t now() noexcept { return clock::now().time_since_epoch().count(); }

/// Requests come and results go: what goes over the line, as records.
class records {
public:
    records(std::unique_ptr<pool_line> line, time_split& time) : line_(std::move(line)), time_(time) {}

    /// The next bytes, `size` of them; null once the pool is gone. Valid until the next call.
    const std::byte* take(std::size_t size)
    {
        if (in_.size() - begin_ < size && !wait_for(size))
            return nullptr;
        return in_.data() + std::exchange(begin_, begin_ + size);
    }

    /// Whether the next request is here already.
    [[nodiscard]] bool has_more() const noexcept { return in_.size() - begin_ >= sizeof(request_header); }

    [[nodiscard]] std::vector<fd> take_descriptors(std::size_t count)
    {
        return count == 0 ? std::vector<fd>() : line_->receive_descriptors(count);
    }

    void put(const result_header& header, std::span<const std::byte> payload)
    {
        const auto* const bytes = reinterpret_cast<const std::byte*>(&header);
        out_.insert(out_.end(), bytes, bytes + sizeof header);
        out_.insert(out_.end(), payload.begin(), payload.end());
    }
    void put(const result_header& header, std::span<const std::byte> payload, std::span<const int> descriptors)
    {
        flush();
        line_->send_descriptors(descriptors);
        put(header, payload);
        flush();
    }
    [[nodiscard]] std::size_t buffered() const noexcept { return out_.size(); }
    void flush()
    {
        if (out_.empty())
            return;
        line_->send(out_);
        out_.clear();
        if (out_.capacity() > most_kept)
            out_ = {};
        reach(life_point::has_flushed);
    }

private:
    /// A buffer that has grown larger is given back when it is empty.
    static constexpr std::size_t most_kept = std::size_t{1} << 20;

    bool wait_for(std::size_t size)
    {
        in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(begin_));
        begin_ = 0;
        flush(); // nobody will sooner
        if (in_.empty() && in_.capacity() > most_kept)
            in_ = {};
        in_.reserve(size);
        time_.enter(activity::waiting, now());
        bool here = true;
        while (here && in_.size() < size)
            here = line_->receive(in_);
        time_.enter(activity::sending, now());
        return here;
    }

    std::unique_ptr<pool_line> line_;
    time_split& time_;
    std::vector<std::byte> in_;
    std::size_t begin_ = 0; ///< of what has not been taken
    std::vector<std::byte> out_;
};

struct code {
    detail::task_function run = nullptr;
    const void* function = nullptr;
    std::exception_ptr unknown; ///< why it can't be called
};

class worker {
public:
    explicit worker(worker_start&& start) :
        start_(std::move(start)), words_(self()->control->work), line_(open_line(std::move(start_.line)), words_.time)
    {
        context_.index = start_.index;
        context_.seed = start_.seed;
        become_worker(&context_);
    }
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    void run()
    {
        reach(life_point::begins);
        if (start_.set_up && !set_up())
            return;
        reach(life_point::is_set_up);
        line_.put({0, result_kind::ready}, {});
        line_.flush();
        reach(life_point::is_ready);
        while (take_request()) {
            if (!line_.has_more())
                line_.flush();
        }
        reach(life_point::leaves);
        if (start_.tear_down)
            call_once(*start_.tear_down);
        context_.states.clear();
        reach(life_point::has_left);
        become_worker(nullptr);
    }

private:
    static code look_up(const code_reference& reference)
    {
        code found;
        try {
            found.function = resolve_function(reference);
            found.run = resolve_task(reference);
        } catch (...) {
            found.unknown = std::current_exception();
        }
        return found;
    }

    static void call_once(worker_call& what)
    {
        const code found = look_up(what.code);
        if (found.unknown)
            std::rethrow_exception(found.unknown);
        source arguments(what.arguments, std::move(what.descriptors));
        detail::task_context context{arguments, found.function, stop_token(), {}, false};
        found.run(context);
    }

    bool set_up()
    {
        try {
            call_once(*start_.set_up);
            return true;
        } catch (const abi::__forced_unwind&) {
            throw;
        } catch (...) {
            sink told;
            encode_thrown(told, std::current_exception());
            line_.put({static_cast<std::uint32_t>(told.size()), result_kind::set_up_threw}, told.bytes());
            line_.flush();
            return false;
        }
    }

    bool take_request()
    {
        const auto* const bytes = line_.take(sizeof(request_header));
        if (!bytes)
            return false;
        request_header header;
        std::memcpy(&header, bytes, sizeof header);
        const auto* const payload = line_.take(header.bytes);
        if (!payload || header.kind == request_kind::leave)
            return false;
        const std::span<const std::byte> content(payload, header.bytes);
        if (header.kind == request_kind::define) {
            codes_.resize(std::max<std::size_t>(codes_.size(), header.code + 1));
            codes_[header.code] = look_up(from_bytes<code_reference>(content));
        } else {
            do_task(header, content);
        }
        return true;
    }

    void do_task(const request_header& header, std::span<const std::byte> calls)
    {
        reach(life_point::has_request);
        auto descriptors = line_.take_descriptors(header.descriptors);
        words_.item.store(header.first_item, std::memory_order_relaxed);
        words_.begun.store(header.sequence, std::memory_order_seq_cst);
        reach(life_point::has_begun);
        const std::size_t place = header.sequence % worker_words::places;
        while (words_.held.load(std::memory_order_seq_cst) != 0)
            os::futex_wait(words_.held, 1, deadline::never());
        if (words_.revoked[place].load(std::memory_order_seq_cst) != 0) {
            line_.put({0, result_kind::skipped, header.sequence}, {});
            return;
        }
        context_.stream = header.stream;
        const stop_source stop({self()->control, &words_.stop[place]});
        last_flush_ = now();
        for (std::uint32_t i = 0; i < header.calls; ++i) {
            std::uint32_t size = 0;
            std::memcpy(&size, calls.data(), sizeof size);
            if (i > 0) {
                words_.item.store(header.first_item + i, std::memory_order_release);
                ++context_.stream;
            }
            call(header, calls.subspan(sizeof size, size), std::move(descriptors), stop.get_token());
            calls = calls.subspan(sizeof size + size);
        }
        if (header.calls == 1)
            line_.flush(); // before anything else is begun, so that it can't be lost with that
    }

    void call(const request_header& header, std::span<const std::byte> arguments, std::vector<fd>&& descriptors,
              const stop_token& stop)
    {
        const code& what = codes_[header.code];
        source values(arguments, std::move(descriptors));
        detail::task_context context{values, what.function, stop, std::move(result_), false};
        context.result.clear();
        result_header told{0, result_kind::returned, header.sequence, now()};
        words_.time.enter(activity::working, told.began);
        reach(life_point::calls);
        try {
            if (what.unknown)
                std::rethrow_exception(what.unknown);
            what.run(context);
            if (const std::size_t count = context.result.descriptors().size(); count > os::max_descriptors)
                throw too_large("a result with " + std::to_string(count) + " descriptors");
        } catch (const abi::__forced_unwind&) {
            throw;
        } catch (...) {
            context.result.clear();
            encode_thrown(context.result, std::current_exception());
            told.kind = result_kind::threw;
        }
        told.took = now() - told.began;
        words_.time.enter(activity::sending, told.began + told.took);
        reach(life_point::has_called);
        tell(told, context.result);
        result_ = std::move(context.result);
    }

    void tell(result_header& told, const sink& result)
    {
        told.bytes = static_cast<std::uint32_t>(result.size());
        told.descriptors = static_cast<std::uint32_t>(result.descriptors().size());
        if (start_.tells_memory)
            told.peak_memory = static_cast<std::uint32_t>(os::peak_memory() >> 20) + 1;
        if (told.descriptors > 0) {
            std::vector<int> numbers;
            for (const auto& one : result.descriptors())
                numbers.push_back(one->get());
            line_.put(told, result.bytes(), numbers);
            return;
        }
        line_.put(told, result.bytes());
        reach(life_point::has_told);
        const std::int64_t moment = told.began + told.took;
        if (line_.buffered() >= most_buffered || std::chrono::nanoseconds(moment - last_flush_) > held_back_at_most) {
            line_.flush();
            last_flush_ = moment;
        }
    }

    worker_start start_;
    worker_words& words_;
    records line_;
    worker_context context_;
    std::vector<code> codes_;
    sink result_;
    std::int64_t last_flush_ = 0;
};

} // namespace

void work(worker_start start)
{
    worker one(std::move(start));
    one.run();
}

} // namespace ruche::pooling
