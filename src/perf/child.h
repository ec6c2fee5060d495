// What a command costs: it and every process it starts and waits for.
#pragma once

#include "base/result.h"
#include "perf/event.h"
#include "perf/reading.h"

namespace packscope::perf {

struct ChildOptions {
  // Descriptors that become the child's; -1: the parent's own.
  int standard_input = -1, standard_output = -1, standard_error = -1;
  std::string folder; // working directory; empty: the parent's
};
struct ChildReading {
  Reading reading;        // from exec to exit; max_rss_kib is that of the largest of its processes
  int status = 0;         // exit code, or 128 + signal
};

// Runs `command` (argv, looked up in PATH) and waits. Counting starts at its exec, so that the fork is not in it.
// Errors: it could not be started; an event that is refused is none, the reading says so.
Result<ChildReading> measure_child(const std::vector<std::string>& command, const ChildOptions& options = {},
                                   const OpenEvent& open = open_event);

} // namespace packscope::perf
