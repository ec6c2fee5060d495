// A command run to its end within limits, with what it printed.
#pragma once

#include "perf/child.h"

namespace packscope::compile {

struct Captured {
  perf::ChildReading reading;
  std::string output, errors; // the first mebibyte of each
};

// Descriptors for a child: nothing on its input, its output and errors into memory.
class Capture {
public:
  Capture();
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void attach(perf::ChildOptions& options) const;
  std::string output() const, errors() const;

private:
  int input_, output_, errors_;
};

Result<Captured> run_captured(const std::vector<std::string>& command, perf::ChildOptions options);

} // namespace packscope::compile
