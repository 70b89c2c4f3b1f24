#pragma once

#include <ruche/log.hpp>

#include <memory>
#include <spdlog/logger.h>
#include <string>

/// For programs that log with spdlog (which they link themselves; ruche doesn't).
namespace ruche::log {

/// A sink for a `receiver` that hands each record to `logger`, with its level, its time and `[name process]` before the
/// text.
///
///     ruche::log::receiver all(ruche::log::to_spdlog(spdlog::default_logger()));
[[nodiscard]] inline std::function<void(const record&)> to_spdlog(std::shared_ptr<spdlog::logger> logger)
{
    return [logger = std::move(logger)](const record& one) {
        constexpr spdlog::level::level_enum levels[]{spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                     spdlog::level::err, spdlog::level::off};
        const auto since = std::chrono::duration_cast<spdlog::log_clock::duration>(one.time.time_since_epoch());
        logger->log(spdlog::log_clock::time_point(since), spdlog::source_loc{},
                    levels[static_cast<std::size_t>(one.level)],
                    "[" + one.name + " " + std::to_string(one.process) + "] " + one.text);
    };
}

} // namespace ruche::log
