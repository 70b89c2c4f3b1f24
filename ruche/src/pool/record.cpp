#include "pool/record.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace ruche::pooling {

namespace {

constexpr std::size_t most_slowest = 5;
constexpr std::size_t most_spans = 100'000;

/// `text` as JSON writes it.
void write_string(std::ostream& out, const std::string& text)
{
    out << '"';
    for (const char one : text) {
        if (one == '"' || one == '\\')
            out << '\\' << one;
        else if (static_cast<unsigned char>(one) < 0x20)
            out << "\\u" << std::hex << std::setw(4) << std::setfill('0') << static_cast<int>(one) << std::dec;
        else
            out << one;
    }
    out << '"';
}

double microseconds(std::chrono::nanoseconds of) { return std::chrono::duration<double, std::micro>(of).count(); }

} // namespace

void tell_time(pool_status::worker& of, const time_split& time)
{
    const auto at = std::chrono::steady_clock::now().time_since_epoch().count();
    of.working = time.spent(activity::working, at);
    of.waiting = time.spent(activity::waiting, at);
    of.sending = time.spent(activity::sending, at);
}

void record::worker_started(std::uint32_t number, int process, time at)
{
    if (workers_.size() <= number)
        workers_.resize(number + 1);
    workers_[number] = {process, at};
}

void record::worker_ended(std::uint32_t number, bool died)
{
    workers_[number].process = 0;
    replaced_ += died ? 1 : 0;
}

void record::task_finished(std::uint32_t number, const std::string& name, time began, std::chrono::nanoseconds took)
{
    ++finished_;
    ++workers_[number].tasks;
    if (slowest_.size() < most_slowest || took > slowest_.back().took) {
        const auto place = std::upper_bound(slowest_.begin(), slowest_.end(), took,
                                            [](auto longer, const auto& one) { return longer > one.took; });
        slowest_.insert(place, {name, number, took});
        slowest_.resize(std::min(slowest_.size(), most_slowest));
    }
    if (!traced_)
        return;
    spans_.push_back({name, number, workers_[number].process, began, took});
    if (spans_.size() > most_spans)
        spans_.pop_front();
}

void record::fill(pool_status& status) const
{
    for (std::uint32_t number = 0; number < workers_.size(); ++number) {
        const worker& one = workers_[number];
        if (one.process != 0)
            status.workers.push_back({number, one.process, one.tasks, {}, {}, {}});
    }
    status.slowest = slowest_;
    status.finished = finished_;
    status.replaced = replaced_;
}

void record::write(std::ostream& out) const
{
    const auto flags = out.flags();
    out << std::fixed << std::setprecision(3) << "{\"traceEvents\":[";
    const char* comma = "";
    for (const span& one : spans_) {
        out << comma << "\n{\"ph\":\"X\",\"name\":";
        write_string(out, one.name.empty() ? "task" : one.name);
        out << ",\"pid\":" << one.process << ",\"tid\":" << one.worker
            << ",\"ts\":" << microseconds(one.began.time_since_epoch()) << ",\"dur\":" << microseconds(one.took) << "}";
        comma = ",";
    }
    out << "\n]}\n";
    out.flags(flags);
}

} // namespace ruche::pooling
