// A command run to its end within limits, with what it printed.
#pragma once

#include "perf/child.h"

namespace packscope::compile {

struct Captured {
  perf::ChildReading reading;
  std::string output, errors; // the first mebibyte of each
};

// Descriptors for a child, all of them memory.
class Capture {
public:
  explicit Capture(std::string_view input = {}); // what the child reads
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void attach(perf::ChildOptions& options) const;
  std::string output() const, errors() const;

private:
  int input_, output_, errors_;
};

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options, std::string_view input = {});

} // namespace packscope::compile
