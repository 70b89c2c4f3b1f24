#include <feed/uri.hpp>

#include <gtest/gtest.h>

#include <ostream>

namespace {

struct example {
    std::string_view reference;
    std::string_view result;

    friend void PrintTo(const example& each, std::ostream* out) { *out << each.reference; }
};

class references : public testing::TestWithParam<example> {};

} // namespace

TEST_P(references, are_resolved)
{
    EXPECT_EQ(feed::resolve_uri("http://a/b/c/d?q", GetParam().reference), GetParam().result);
}

// Of RFC 3986, 5.4, and what feeds write.
INSTANTIATE_TEST_SUITE_P(of_rfc_3986, references,
                         testing::Values(example{"g", "http://a/b/c/g"}, example{"./g", "http://a/b/c/g"},
                                         example{"g/", "http://a/b/c/g/"}, example{"/g", "http://a/g"},
                                         example{"//g", "http://g"}, example{"?y", "http://a/b/c/d?y"},
                                         example{"g?y", "http://a/b/c/g?y"}, example{"#s", "http://a/b/c/d?q#s"},
                                         example{".", "http://a/b/c/"}, example{"..", "http://a/b/"},
                                         example{"../g", "http://a/b/g"}, example{"../../../g", "http://a/g"},
                                         example{"mailto:me@e.org", "mailto:me@e.org"},
                                         example{"http:////e.org/x", "http://e.org/x"},
                                         example{"////e.org/x", "http://e.org/x"}, example{"  g\n", "http://a/b/c/g"},
                                         example{"g\nh", "http://a/b/c/gh"}, example{"À", "http://a/b/c/À"}));

TEST(safety, common_schemes_and_none_are_safe)
{
    for (const std::string_view uri : {"http://e.org/", "HTTPS://e.org/", "mailto:a@b", "/x", "x", "magnet:?x"})
        EXPECT_TRUE(feed::is_safe_uri(uri)) << uri;
}

TEST(safety, schemes_that_run_are_not)
{
    for (const std::string_view uri : {"javascript:x", " JavaScript:x", "java\nscript:x", "\x01javascript:x",
                                       "data:text/html,x", "vbscript:x", "blob:x", "exec:ls", "filter:x"})
        EXPECT_FALSE(feed::is_safe_uri(uri)) << uri;
}
