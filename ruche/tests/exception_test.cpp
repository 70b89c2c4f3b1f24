#include <ruche/exception.hpp>

#include "wire_testing.hpp"

#include <filesystem>
#include <future>
#include <ios>
#include <new>
#include <regex>
#include <stdexcept>
#include <system_error>

using wire_testing::sent;

namespace shop {

struct out_of_stock : std::runtime_error {
    explicit out_of_stock(std::string what_is) : std::runtime_error("out of stock: " + what_is), article(what_is) {}
    std::string get_state() const { return article; }
    static out_of_stock set_state(std::string state) { return out_of_stock(std::move(state)); }
    std::string article;
};
const ruche::throws<out_of_stock> out_of_stock_is_thrown;

struct stubborn : std::runtime_error {
    using std::runtime_error::runtime_error;
    std::string get_state() const { throw std::logic_error("I stay"); }
    static stubborn set_state(std::string state) { return stubborn(state); }
};
const ruche::throws<stubborn> stubborn_is_thrown;

struct unknown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

} // namespace shop

namespace {

template <class Error>
std::exception_ptr thrown(Error error)
{
    return std::make_exception_ptr(std::move(error));
}

/// What arrives as exactly an `Error`.
template <class Error>
Error arrives(const Error& error)
{
    const std::exception_ptr there = sent(thrown(error));
    try {
        std::rethrow_exception(there);
    } catch (const Error& received) {
        EXPECT_EQ(typeid(received), typeid(Error)) << received.what();
        EXPECT_STREQ(received.what(), error.what());
        return received;
    } catch (...) {
        ADD_FAILURE() << "arrives as something else";
    }
    return error;
}

ruche::remote_error arrives_remote(const std::exception_ptr& error)
{
    try {
        std::rethrow_exception(sent(error));
    } catch (const ruche::remote_error& remote) {
        return remote;
    }
}

} // namespace

TEST(exception, standard_ones_arrive_as_themselves)
{
    arrives(std::exception());
    arrives(std::logic_error("a"));
    arrives(std::invalid_argument("a"));
    arrives(std::domain_error("a"));
    arrives(std::length_error("a"));
    arrives(std::out_of_range("a"));
    arrives(std::runtime_error("a"));
    arrives(std::range_error("a"));
    arrives(std::overflow_error("a"));
    arrives(std::underflow_error("a"));
    arrives(std::bad_alloc());
    arrives(std::bad_array_new_length());
    arrives(std::bad_cast());
    arrives(std::bad_typeid());
    arrives(std::bad_exception());
    arrives(std::bad_function_call());
    arrives(std::bad_optional_access());
    arrives(std::bad_variant_access());
    arrives(std::bad_weak_ptr());
    arrives(std::regex_error(std::regex_constants::error_brace));
    arrives(std::future_error(std::future_errc::broken_promise));
}

TEST(exception, codes_arrive)
{
    const auto code = std::make_error_code(std::errc::timed_out);
    EXPECT_EQ(arrives(std::system_error(code, "fetch")).code(), code);
    EXPECT_EQ(arrives(std::ios_base::failure("read")).code(), std::io_errc::stream);
    const std::filesystem::filesystem_error error("open", "a", "b", code);
    EXPECT_EQ(arrives(error).path2(), "b");
}

TEST(exception, those_of_ruche_arrive_as_themselves)
{
    arrives(ruche::os_error(2, "open \"x\""));
    arrives(ruche::start_failed(2, "exec"));
    arrives(ruche::queue_closed());
    arrives(ruche::too_large("a"));
    arrives(ruche::deadline_exceeded("a"));
    arrives(ruche::task_cancelled("a"));
    EXPECT_EQ(arrives(ruche::bad_message("reason", 5, "a.b")).path(), "a.b");
    const ruche::process_died died(ruche::exit_status::signalled(9, false), "worker 3", "frames");
    EXPECT_EQ(arrives(died).stack(), "frames");
    EXPECT_EQ(arrives(died).status().signal(), 9);
}

TEST(exception, a_programs_own_arrives_as_itself) { EXPECT_EQ(arrives(shop::out_of_stock("pens")).article, "pens"); }

TEST(exception, one_that_nobody_spoke_of_arrives_by_its_name)
{
    const auto remote = arrives_remote(thrown(shop::unknown("what")));
    EXPECT_EQ(remote.type_name(), "shop::unknown");
    EXPECT_STREQ(remote.what(), "what");
}

TEST(exception, one_whose_state_fails_arrives_by_its_name)
{
    const auto remote = arrives_remote(thrown(shop::stubborn("no")));
    EXPECT_EQ(remote.type_name(), "shop::stubborn");
    EXPECT_STREQ(remote.what(), "no");
}

TEST(exception, what_is_no_exception_arrives_too)
{
    EXPECT_THROW(std::rethrow_exception(sent(thrown(42))), int);
    EXPECT_THROW(std::rethrow_exception(sent(thrown(std::string("text")))), std::string);
    EXPECT_STREQ(arrives_remote(thrown(static_cast<const char*>("text"))).what(), "text");
    struct strange {};
    EXPECT_NE(arrives_remote(thrown(strange())).type_name().find("strange"), std::string::npos);
}

TEST(exception, null_arrives_as_null) { EXPECT_EQ(sent(std::exception_ptr()), nullptr); }

TEST(exception, a_nested_chain_arrives)
{
    std::exception_ptr error;
    try {
        try {
            throw shop::out_of_stock("pens");
        } catch (...) {
            std::throw_with_nested(std::runtime_error("order 7"));
        }
    } catch (...) {
        error = std::current_exception();
    }
    try {
        std::rethrow_exception(sent(error));
    } catch (const std::runtime_error& outer) {
        EXPECT_STREQ(outer.what(), "order 7");
        try {
            std::rethrow_if_nested(outer);
            FAIL() << "nothing nested";
        } catch (const shop::out_of_stock& inner) {
            EXPECT_EQ(inner.article, "pens");
        }
    }
}

TEST(exception, a_remote_error_that_is_passed_on_keeps_its_name)
{
    const auto once = sent(thrown(shop::unknown("what")));
    EXPECT_EQ(arrives_remote(once).type_name(), "shop::unknown");
}

TEST(exception, the_stack_arrives)
{
    ruche::sink message;
    ruche::encode_exception(message, thrown(std::runtime_error("a")), "main\n_start");
    ruche::source received(message.bytes());
    const auto there = ruche::decode_received_exception(received);
    EXPECT_EQ(there.stack, "main\n_start");
    EXPECT_EQ(there.type_name, "std::runtime_error");
    EXPECT_THROW(std::rethrow_exception(there.error), std::runtime_error);
}
