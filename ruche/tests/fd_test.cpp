#include <ruche/error.hpp>
#include <ruche/fd.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <type_traits>
#include <unistd.h>
#include <utility>

static_assert(!std::is_copy_constructible_v<ruche::fd>);
static_assert(std::is_nothrow_move_constructible_v<ruche::fd>);

namespace {
bool is_open(int number) { return ::fcntl(number, F_GETFD) != -1; }
ruche::fd any_file() { return ruche::fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
} // namespace

TEST(fd, closes_with_its_owner)
{
    int number = -1;
    {
        const ruche::fd file = any_file();
        number = file.get();
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(fd, moving_leaves_the_source_empty)
{
    ruche::fd from = any_file();
    const ruche::fd to = std::move(from);
    EXPECT_FALSE(from); // NOLINT(bugprone-use-after-move): the promise under test
    EXPECT_TRUE(to);
}

TEST(fd, release_gives_up_ownership)
{
    int number = -1;
    {
        ruche::fd file = any_file();
        number = file.release();
    }
    EXPECT_TRUE(is_open(number));
    ::close(number);
}

TEST(fd, duplicate_is_another_number_and_close_on_exec)
{
    const ruche::fd file = any_file();
    const ruche::fd copy = file.duplicate();
    EXPECT_NE(file.get(), copy.get());
    EXPECT_EQ(::fcntl(copy.get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST(fd, duplicate_of_nothing_says_what_was_attempted)
{
    try {
        (void)ruche::fd().duplicate();
        FAIL() << "no error";
    } catch (const ruche::os_error& error) {
        EXPECT_NE(std::string(error.what()).find("duplicate descriptor -1"), std::string::npos);
        EXPECT_EQ(error.code(), std::errc::bad_file_descriptor);
    }
}
