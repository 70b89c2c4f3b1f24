// Every task ends, and its future says how: with a value, an error, a death, a deadline or a cancellation.
#include <ruche/pool.hpp>
#include <ruche/queue.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

std::string fine() { return "fine"; }
std::string throws() { throw std::runtime_error("no such page"); }
std::string crashes() { return std::to_string(std::raise(SIGSEGV)); }
std::string leaves() { std::exit(3); }
std::string is_stuck()
{
    for (;;)
        std::this_thread::sleep_for(1h);
}
std::string succeeds_at_last(ruche::queue<int> attempts)
{
    attempts.push(1);
    if (attempts.size() < 3)
        throw std::runtime_error("try again");
    return "done after " + std::to_string(attempts.size());
}

void tell(const char* what, ruche::future<std::string> answer)
{
    std::string outcome;
    try {
        outcome = answer.get();
    } catch (const ruche::task_quarantined& error) {
        outcome = "killed too many workers";
    } catch (const ruche::process_died& error) {
        const auto& status = error.status();
        outcome = status.signal() ? "died of signal " + std::to_string(*status.signal())
                                  : "left with " + std::to_string(status.code().value_or(-1));
    } catch (const ruche::deadline_exceeded&) {
        outcome = "took too long";
    } catch (const ruche::task_cancelled&) {
        outcome = "was cancelled";
    } catch (const std::runtime_error& error) {
        outcome = std::string("threw: ") + error.what();
    }
    std::cout << what << ": " << outcome << '\n';
}

int main()
{
    ruche::pool pool(2);
    tell("fine", pool.submit(fine));
    tell("throws", pool.submit(throws));
    tell("crashes", pool.submit(crashes));
    tell("leaves", pool.submit(leaves));
    tell("is stuck", pool.submit(ruche::deadline(50ms), is_stuck));

    auto unwanted = pool.submit(is_stuck);
    unwanted.cancel();
    tell("unwanted", std::move(unwanted));

    const ruche::retry_options stubborn{.times = 5, .first_delay = 1ms, .when = ruche::retry_on<std::runtime_error>()};
    tell("stubborn", pool.submit({.retry = stubborn}, succeeds_at_last, ruche::queue<int>()));
    tell("poisonous", pool.submit({.retry = stubborn}, crashes));
    tell("and still", pool.submit(fine));
}
// prints: fine: fine
// prints: throws: threw: no such page
// prints: crashes: died of signal 11
// prints: leaves: left with 3
// prints: is stuck: took too long
// prints: unwanted: was cancelled
// prints: stubborn: done after 3
// prints: poisonous: killed too many workers
// prints: and still: fine
