#pragma once

#include "demo/sample_site.hpp"
#include "program.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rssmania::testing {

/// The real program and a real server on this machine, with a store for the two.
class a_watcher : public ::testing::Test {
protected:
    // The words for `rssmania watch` on these paths of the site.
    [[nodiscard]] std::vector<std::string> words(const std::vector<std::string>& paths,
                                                 const std::vector<std::string>& more = {}) const
    {
        std::vector<std::string> all{"watch", "--allow-local", "--store", (directory_.path() / "store").string()};
        all.insert(all.end(), more.begin(), more.end());
        for (const std::string& path : paths)
            all.push_back(site_.address(path));
        return all;
    }

    [[nodiscard]] std::string article(const std::string& feed, int number) const
    {
        return "- " + site_.address("/articles/" + feed + "/" + std::to_string(number)) + "\n";
    }

    // Runs it to its end; what it printed.
    [[nodiscard]] std::string out_of(program& running)
    {
        EXPECT_EQ(running.wait(), 0) << running.err();
        return running.out();
    }

    temporary_directory directory_;
    sample_site site_{{}};
};

} // namespace rssmania::testing
