// Which system calls a command makes, it and every process it starts: what it reads, and how much of that before it writes.
//
// The idea: ptrace(2) stops a process at each call and tells number, arguments and result, with no privilege and nothing
// installed. It costs microseconds a call: times are to be measured in another run (perf/child.h).
#pragma once

#include "perf/child.h"

namespace packscope::perf {

struct ReadCalls {
  std::uint64_t reads = 0;        // read, pread64, readv, preadv, preadv2
  std::uint64_t read_bytes = 0;   // what they returned
  std::uint64_t mapped_bytes = 0; // of files mapped, which is another way to read them
};
struct SystemCalls {
  ReadCalls all;
  ReadCalls before_output; // until the first write to a file below the output folder; all of them where there was none
  std::uint64_t files_opened = 0; // open, openat, openat2, creat that succeeded
  std::uint64_t processes = 0;    // and threads
  bool wrote = false;             // something below the output folder
  int status = 0;                 // exit code, or 128 + signal
  bool timed_out = false;
};

// Runs `command` as measure_child does. A file below `output_folder` (an absolute path without links) that is written to ends
// `before_output`. The tracer is this thread, and takes the ends of other children of it meanwhile.
// Errors: it could not be started; ptrace is refused here ("ptrace: …").
Result<SystemCalls> trace_system_calls(const std::vector<std::string>& command, const ChildOptions& options,
                                       const std::string& output_folder);

} // namespace packscope::perf
