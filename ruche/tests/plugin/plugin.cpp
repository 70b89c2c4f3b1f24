// A plugin that starts processes: its code is not in the executable, and each process has to load it.

#include "plugin/plugin.hpp"

#include <ruche/async.hpp>

#include <stdexcept>

namespace {

int answer(int number) { return number + 2; }

} // namespace

int plugin_starts_a_function(int number) { return ruche::async(answer, number).get(); }

int plugin_starts_a_lambda(int number)
{
    return ruche::async([](int its) { return its * 3; }, number).get();
}

void plugin_throws()
{
    ruche::async([] { throw std::out_of_range("in the plugin"); }).get();
}
