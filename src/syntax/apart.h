// Inside the room: work that may crash, hang or eat memory, done in a process of its own.
#pragma once

#include "base/result.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace packscope::syntax {

// A child that finds no memory ends with this exit code; what throws std::bad_alloc does so by itself.
inline constexpr int kOutOfMemory = 3;

struct Limits {
  std::chrono::milliseconds processor; // counted in whole seconds, rounded up
  std::chrono::milliseconds clock;     // for what waits instead of working
  std::uint64_t memory;                // bytes beyond what this process holds
};

// A child that is asked again and again: to fork costs both sides each page that either writes afterwards.
//
// The child is forked with the first request and sees this process as it is then, so pointers to what exists already keep
// their meaning. `work` must stay off what other threads may hold locked; malloc is fine (glibc and the sanitizers take care of
// it in fork). The child's output goes nowhere.
class Apart { // one thread's at a time
public:
  using Work = std::function<std::string(std::string_view request)>;
  Apart(Work work, const Limits& limits) : work_(std::move(work)), limits_(limits) {}
  ~Apart() { end(); }
  Apart(const Apart&) = delete;

  // What `work` returns for it. Errors: the child crashed, or went over a limit, for which it is killed. What fails in a child
  // that has answered before is asked again of a fresh one, so that no answer depends on those before it.
  Result<std::string> ask(std::string_view request);
  // The next request is a new child's.
  void end();

private:
  Result<void> start();
  Result<std::string> ask_once(std::string_view request);
  std::string wait_for_end(); // why

  Work work_;
  Limits limits_;
  int child_ = -1, socket_ = -1; // -1: none
};

} // namespace packscope::syntax
