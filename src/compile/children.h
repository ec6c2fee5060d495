// Work in child processes, several at a time: a compiler that crashes, leaks or never ends takes only its child with it.
#pragma once

#include "compile/memory_file.h"

#include <functional>

namespace packscope::compile {

struct Child {
  MemoryFile output;   // what the work wrote there
  MemoryFile messages; // what it printed, to standard output or error
  int status = 0;      // exit code, or 128 + signal
  std::string ended = {}; // how, where it was not by exit: "killed by signal 11 (Segmentation fault)"
};

struct ChildLimits {
  unsigned at_once = 1;
  std::uint64_t seconds = 600;                       // of processor time, each
  std::uint64_t memory = std::uint64_t{8} << 30;     // of address space, each; a build with sanitizers has no limit
};

// Calls work(i, output) in a child for each i below `count`; its result is the exit code. `done` hears of them in order.
Result<void> run_children(std::size_t count, const ChildLimits& limits, const std::function<int(std::size_t, const MemoryFile& output)>& work,
                          const std::function<void(std::size_t, Child)>& done);

} // namespace packscope::compile
