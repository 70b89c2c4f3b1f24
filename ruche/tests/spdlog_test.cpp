#include <ruche/process.hpp>
#include <ruche/spdlog.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <spdlog/sinks/ostream_sink.h>
#include <sstream>
#include <string>

TEST(spdlog_sink, hands_on_level_process_and_text)
{
    std::ostringstream out;
    const auto logger = std::make_shared<spdlog::logger>("all", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
    logger->set_pattern("%l %v");
    int id = 0;
    {
        ruche::log::receiver receiver(ruche::log::to_spdlog(logger));
        ruche::process p({.name = "fetcher"}, [] { ruche::log::warning("slow"); });
        p.join();
        id = p.id();
    }
    EXPECT_EQ(out.str(), "warning [fetcher " + std::to_string(id) + "] slow\n");
}
