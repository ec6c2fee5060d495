// Inside the room: work that may crash, hang or eat memory, done in a process of its own.
#pragma once

#include "base/result.h"

#include <chrono>
#include <functional>
#include <string>

namespace packscope::syntax {

// A child that finds no memory ends with this exit code; what throws std::bad_alloc does so by itself.
inline constexpr int kOutOfMemory = 3;

// What `work` returns in a forked child, which sees this process as it is now (so pointers to what exists already
// keep their meaning). Errors: the child crashed, took more than `memory` bytes beyond what this process holds, or
// was not done after `limit`, when it is killed. The child's stderr goes nowhere. `work` must stay off what other
// threads may hold locked; malloc is fine (glibc and the sanitizers take care of it in fork).
Result<std::string> run_apart(const std::function<std::string()>& work, std::chrono::milliseconds limit,
                              std::uint64_t memory);

} // namespace packscope::syntax
