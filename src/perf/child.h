// What a command costs: it and every process it starts and waits for.
#pragma once

#include "base/result.h"
#include "perf/event.h"
#include "perf/reading.h"

#include <functional>

namespace packscope::perf {

// 0: no limit.
struct ChildLimits {
  // Of wall time; then, and when the command ends, all of its processes are killed: it is a process group of its own. It is
  // killed with this process, too.
  double seconds = 0;
  std::uint64_t memory_bytes = 0; // address space, of each process
  std::uint64_t file_bytes = 0;   // size of a file it writes
};
struct ChildOptions {
  // Descriptors that become the child's; -1: the parent's own.
  int standard_input = -1, standard_output = -1, standard_error = -1;
  std::string folder = {}; // working directory; empty: the parent's
  std::vector<std::string> environment = {}; // "NAME=value", in place of the parent's NAME
  ChildLimits limits = {};
  std::function<void(pid_t)> group = {}; // hears of the process group of a child with a time limit, and of 0 when it is gone
};
struct ChildReading {
  Reading reading;        // from exec to exit; max_rss_kib is that of the largest of its processes
  int status = 0;         // exit code, or 128 + signal
  bool timed_out = false;
};

// Runs `command` (argv, looked up in PATH) and waits. Counting starts at its exec, so that the fork is not in it.
// Errors: it could not be started; an event that is refused is none, the reading says so.
Result<ChildReading> measure_child(const std::vector<std::string>& command, const ChildOptions& options = {},
                                   const OpenEvent& open = open_event);

} // namespace packscope::perf
