#pragma once

namespace ruche {

/// Only for programs whose `main` can't be diverted (linked with `-static`, or with a C library other than glibc): the
/// first statement of `main`. Everywhere else nothing needs to be called; a program that needed it and didn't gets an
/// error that says so from its first `process`, never a second run of its `main`.
///
///     int main(int argc, char** argv)
///     {
///         ruche::init(argc, argv);
///         …
///
/// A program linked with `-static` differs in two more things: what is thrown in its processes has no stack (crashes
/// have), and code can't be loaded into it, so there are no plugins.
///
/// Does not return in the fork server and in the processes that it makes.
void init(int count, char** words);

} // namespace ruche
