// User instructions of a command and all it starts: by the processor's counter where there is one; else by Valgrind, which
// executes every instruction under its eyes, some fifty times slower, and counts the same each time.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace packscope::tools {

struct ChildInstructions {
  std::uint64_t instructions = 0;
  std::string measured; // "instructions:u", or kByValgrind
};
inline constexpr const char* kByValgrind = "valgrind";

// `input`, `output`: files that stand for standard input and output. Errors: neither way is there, or the command failed.
Result<ChildInstructions> count_child(const std::vector<std::string>& command, const std::string& input, const std::string& output);

} // namespace packscope::tools
