// Code that runs in other processes need not be in the executable.

#include "plugin/plugin.hpp"

#include <ruche/async.hpp>

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace {

/// The plugin beside this program, loaded by a name that is relative to the folder that it lies in.
class plugin : public testing::Test {
protected:
    void SetUp() override
    {
        std::string here(4096, '\0');
        const ssize_t length = ::readlink("/proc/self/exe", here.data(), here.size());
        ASSERT_GT(length, 0);
        here.resize(static_cast<std::size_t>(length));
        ASSERT_EQ(::chdir(here.substr(0, here.rfind('/')).c_str()), 0);
        handle_ = ::dlopen("./plugin_of_test.so", RTLD_NOW | RTLD_LOCAL);
        ASSERT_NE(handle_, nullptr) << ::dlerror();
    }

    template <class Function>
    Function* function(const char* name)
    {
        return reinterpret_cast<Function*>(::dlsym(handle_, name));
    }

private:
    void* handle_ = nullptr; // never closed: processes of it may still be told of
};

} // namespace

TEST_F(plugin, starts_its_own_functions)
{
    EXPECT_EQ(function<decltype(plugin_starts_a_function)>("plugin_starts_a_function")(40), 42);
}

TEST_F(plugin, starts_its_own_lambdas)
{
    EXPECT_EQ(function<decltype(plugin_starts_a_lambda)>("plugin_starts_a_lambda")(14), 42);
}

TEST_F(plugin, exceptions_of_its_processes_come_back)
{
    EXPECT_THROW(function<decltype(plugin_throws)>("plugin_throws")(), std::out_of_range);
}

TEST_F(plugin, is_loaded_though_the_process_works_elsewhere)
{
    ASSERT_EQ(::chdir("/"), 0);
    EXPECT_EQ(function<decltype(plugin_starts_a_function)>("plugin_starts_a_function")(40), 42);
}
