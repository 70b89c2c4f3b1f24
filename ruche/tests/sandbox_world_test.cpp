// The empty world that the sandboxed processes of one fork server share: made once, entered by each.

#include <ruche/process.hpp>
#include <ruche/sandbox.hpp>
#include <ruche/this_process.hpp>

#include "helpers/processes.hpp"
#include "os/sanitizer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sandbox = ruche::sandbox;
using sandbox::layer;

namespace {

constexpr std::array names{"user", "net", "ipc", "uts", "cgroup", "mnt"};

void until_stopped(ruche::stop_token stop) { helpers::wait_for_stop(stop); }

ruche::process start_in(const sandbox::profile& profile)
{
    return ruche::process({.name = "boxed", .sandbox = profile}, until_stopped);
}

std::string namespace_of(int id, const std::string& name)
{
    return std::filesystem::read_symlink("/proc/" + std::to_string(id) + "/ns/" + name).string();
}

std::vector<std::string> mounts_of(int id)
{
    std::ifstream list("/proc/" + std::to_string(id) + "/mountinfo");
    std::vector<std::string> lines;
    for (std::string line; std::getline(list, line);)
        lines.push_back(line);
    return lines;
}

class shared_world : public testing::Test {
protected:
    void SetUp() override
    {
        if (ruche::os::under_sanitizer)
            GTEST_SKIP() << "under a sanitizer there is no list of calls, so each process has a world of its own";
        if (const auto found = sandbox::support(); !found.missing().empty())
            GTEST_SKIP() << "this machine gives " << found.describe();
        auto looked_at = start_in(sandbox::compute());
        std::error_code refused;
        const auto net = std::filesystem::read_symlink("/proc/" + std::to_string(looked_at.id()) + "/ns/net", refused);
        if (net.empty())
            GTEST_SKIP() << "only root may look at a sandboxed process";
    }
};

} // namespace

TEST_F(shared_world, is_one_for_all_and_none_of_the_programs)
{
    const auto one = start_in(sandbox::compute());
    const auto other = start_in(sandbox::compute({.memory = 64U << 20}));
    for (const auto* name : names) {
        EXPECT_EQ(namespace_of(one.id(), name), namespace_of(other.id(), name));
        EXPECT_NE(namespace_of(one.id(), name), namespace_of(ruche::this_process::id(), name));
    }
}

TEST_F(shared_world, has_one_file_system_which_is_empty_and_read_only)
{
    for (int start = 0; start < 2; ++start) { // who made it, and who came later
        const auto p = start_in(sandbox::compute());
        const auto mounts = mounts_of(p.id());
        ASSERT_EQ(mounts.size(), 1U);
        EXPECT_NE(mounts[0].find(" / / ro,nosuid,nodev,noexec"), std::string::npos) << mounts[0];
        const std::filesystem::path root = "/proc/" + std::to_string(p.id()) + "/root";
        EXPECT_TRUE(std::filesystem::is_empty(root / "."));
    }
}

TEST_F(shared_world, outlives_a_process_that_is_killed_in_it)
{
    auto first = start_in(sandbox::compute());
    const auto network = namespace_of(first.id(), "net");
    first.kill();
    EXPECT_EQ(first.join().signal(), SIGKILL);
    const auto next = start_in(sandbox::compute());
    EXPECT_EQ(namespace_of(next.id(), "net"), network);
}

TEST_F(shared_world, is_not_for_a_process_that_nothing_keeps_from_its_siblings)
{
    const auto shared = start_in(sandbox::compute());
    auto profile = sandbox::compute({}, layer::seccomp);
    const auto may_lack_it = start_in(profile);
    EXPECT_NE(namespace_of(may_lack_it.id(), "net"), namespace_of(shared.id(), "net"));
    profile = sandbox::compute();
    profile.wanted = layer::namespaces;
    const auto alone = start_in(profile);
    EXPECT_NE(namespace_of(alone.id(), "net"), namespace_of(shared.id(), "net"));
}

TEST_F(shared_world, no_way_to_it_is_left_open_in_a_process)
{
    const auto p = start_in(sandbox::compute());
    int sockets = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(p.id()) + "/fd")) {
        const auto target = std::filesystem::read_symlink(entry).string();
        sockets += target.find("socket:") == 0 ? 1 : 0;
        for (const auto* name : names)
            EXPECT_NE(target.find(name + std::string(":[")), 0U) << target;
    }
    EXPECT_EQ(sockets, 1); // on which it answers
}

TEST_F(shared_world, is_kept_while_nobody_is_in_it)
{
    auto first = start_in(sandbox::compute());
    const auto network = namespace_of(first.id(), "net");
    first.request_stop();
    EXPECT_TRUE(first.join().success());
    EXPECT_EQ(namespace_of(start_in(sandbox::compute()).id(), "net"), network);
}
