#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <typeindex>

namespace ruche {

/// Random numbers of one task: the same for the same `pool_options::seed` and the same place of the task in its pool,
/// whichever worker does it and however many there are. Meets `std::uniform_random_bit_generator` (SplitMix64; good for
/// simulations, not for secrets).
class task_generator {
public:
    using result_type = std::uint64_t;

    task_generator(std::uint64_t seed, std::uint64_t stream) noexcept : state_(mix(seed ^ mix(stream + 1))) {}

    [[nodiscard]] static constexpr result_type min() noexcept { return 0; }
    [[nodiscard]] static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }
    result_type operator()() noexcept { return mix(state_ += 0x9E37'79B9'7F4A'7C15); }

private:
    static constexpr std::uint64_t mix(std::uint64_t z) noexcept
    {
        z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
        z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
        return z ^ (z >> 31);
    }

    std::uint64_t state_;
};

/// A fresh generator for the task that runs here. Throws: `std::logic_error` outside of a pool's tasks.
[[nodiscard]] task_generator task_rng();

/// About the worker of a pool in which this code runs; for tasks, and for set-up and tear-down functions.
namespace this_worker {

/// Which of its pool's workers this is, from 0; a replacement has the number of the one that it replaces. Empty outside
/// of a pool.
[[nodiscard]] std::optional<std::uint32_t> index() noexcept;

/// The place that this worker keeps one `T` in, for all its tasks. Not for use by programs.
[[nodiscard]] std::shared_ptr<void>& state_of(std::type_index type);

/// This worker's own `T`, made by `make` (or by default) when it is first asked for, kept from task to task, and
/// destroyed with the worker: a connection, a model, a cache.
///
///     int classify(std::string text) { return ruche::this_worker::state<model>().classify(text); }
///
/// Throws: `std::logic_error` outside of a pool; what `make` throws.
template <class T>
[[nodiscard]] T& state(const std::function<T()>& make)
{
    auto& place = state_of(typeid(T));
    if (!place)
        place = std::make_shared<T>(make());
    return *static_cast<T*>(place.get());
}
template <class T>
[[nodiscard]] T& state()
{
    auto& place = state_of(typeid(T));
    if (!place)
        place = std::make_shared<T>();
    return *static_cast<T*>(place.get());
}

} // namespace this_worker

} // namespace ruche
