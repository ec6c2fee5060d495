// Inside the room: a command forked, which waits until it is let go, and then becomes the program.
//
// What measures it is made ready in between: counters on the process, or a tracer around it.
#pragma once

#include "perf/child.h"

#include <sys/types.h>

namespace packscope::perf {

class Starting {
public:
  // Forks. `traced`: the child asks to be traced by this thread (PTRACE_TRACEME) and stops at its exec.
  static Result<Starting> fork(const std::vector<std::string>& command, const ChildOptions& options, bool traced);
  Starting(Starting&&) noexcept;
  Starting& operator=(Starting&&) = delete;
  ~Starting();

  pid_t pid() const { return pid_; }
  // Until the program runs: null; or why it does not, and then the child has ended, and is to be waited for.
  std::optional<Error> let_go();

private:
  Starting(pid_t pid, std::string name, int go, int failure) : pid_(pid), name_(std::move(name)), go_(go), failure_(failure) {}
  const pid_t pid_;
  const std::string name_;
  int go_, failure_;
};

} // namespace packscope::perf
