// A command run to its end within limits, with what it printed.
#pragma once

#include "compile/memory_file.h"
#include "perf/child.h"

namespace packscope::compile {

struct Captured {
  perf::ChildReading reading;
  std::string output, errors; // the first mebibyte of each
};

// Standard streams for a child, all of them files in memory.
class Capture {
public:
  static Result<Capture> create(std::string_view input = {}); // what the child reads

  void attach(perf::ChildOptions& options) const;
  std::string output() const, errors() const;

private:
  Capture(MemoryFile input, MemoryFile output, MemoryFile errors)
      : input_(std::move(input)), output_(std::move(output)), errors_(std::move(errors)) {}
  MemoryFile input_, output_, errors_;
};

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options, std::string_view input = {});

} // namespace packscope::compile
