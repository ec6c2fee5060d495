// Shuts a process in that reads somebody's sources: from then on the kernel refuses it to open files but through one door,
// and to start programs. What a compiler's library opens on its own (an assembler's .incbin, a plugin) fails there,
// whatever the library thinks.
#pragma once

#include "base/result.h"

#include <string>

namespace packscope::compile {

class Sandbox {
public:
  // For the rest of this process's life. An Error where the kernel has no seccomp filters.
  static Result<Sandbox> enter();

  // Opens a file for reading, and only reading; -1 with errno. `path` is absolute.
  int open(const std::string& path) const;

private:
  explicit Sandbox(int root) : root_(root) {}
  int root_;
};

} // namespace packscope::compile
