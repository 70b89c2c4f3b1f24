#pragma once

/// Everything by which processes wait for one another: the standard's names and requirements, between processes, each
/// with a stated outcome when a process dies.
#include <ruche/barrier.hpp>
#include <ruche/condition_variable.hpp>
#include <ruche/event.hpp>
#include <ruche/latch.hpp>
#include <ruche/mutex.hpp>
#include <ruche/once.hpp>
#include <ruche/semaphore.hpp>
#include <ruche/shared_mutex.hpp>
