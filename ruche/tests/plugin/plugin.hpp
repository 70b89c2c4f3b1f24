#pragma once

/// What the plugin of `plugin_test` does, found by name.
extern "C" {
int plugin_starts_a_function(int number);
int plugin_starts_a_lambda(int number);
void plugin_throws();
}
