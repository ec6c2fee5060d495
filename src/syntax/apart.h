// Inside the room: work that may crash, hang or eat memory, done in a process of its own.
#pragma once

#include "base/result.h"

#include <chrono>
#include <functional>
#include <string>

namespace packscope::syntax {

// A child that finds no memory ends with this exit code; what throws std::bad_alloc does so by itself.
inline constexpr int kOutOfMemory = 3;

struct Limits {
  std::chrono::milliseconds processor; // counted in whole seconds, rounded up
  std::chrono::milliseconds clock;     // for what waits instead of working
  std::uint64_t memory;                // bytes beyond what this process holds
};

// What `work` returns in a forked child, which sees this process as it is now (so pointers to what exists already
// keep their meaning). Errors: the child crashed, or went over a limit, for which it is killed. The child's stderr
// goes nowhere. `work` must stay off what other threads may hold locked; malloc is fine (glibc and the sanitizers
// take care of it in fork).
Result<std::string> run_apart(const std::function<std::string()>& work, const Limits& limits);

} // namespace packscope::syntax
