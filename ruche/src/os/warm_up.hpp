#pragma once

/// Doing ahead, in a process that waits, what the kernel would do at the first use of each page (madvise(2)).
namespace ruche::os {

/// Maps the code that `exit` runs in each module, and takes this process's own copies of the pages of data that are
/// small and written to by almost everything: those of modules, of the loader and of the stack. Only speed depends on
/// it, so what the kernel refuses is left as it is.
void warm_up() noexcept;

} // namespace ruche::os
