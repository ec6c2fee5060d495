// compile_commands.json (clang's JSON Compilation Database Format): a list of
//
//   {"directory": folder, "file": path, "command": shell words | "arguments": [word…], "output": ignored}
//
// Paths are those of the machine that wrote it; the pack's tree lies below a prefix of them.
#pragma once

#include "compile/unit_flags.h"

#include <string_view>

namespace packscope::compile {

struct CompileCommand {
  std::string folder; // absolute, plain
  std::string file;   // absolute, plain
  std::vector<std::string> flags; // without the compiler's name
};

// A relative folder counts from the pack's root, as if it lay at kRelativeRoot.
inline constexpr const char* kRelativeRoot = "/pack";

// The Error says which entry lacks what; entries count from 0.
Result<std::vector<CompileCommand>> parse_compile_commands(std::string_view text);

// A POSIX shell's words, without its expansions. Errors: a quote that is not closed.
Result<std::vector<std::string>> shell_words(std::string_view text);

// The flags of the unit `path` (from the pack's root) by the first command for it. `prefix`: where the tree lay; empty: what
// precedes `path` in the command's file, an Error where commands differ in that.
Result<TakenFlags> flags_for(const std::vector<CompileCommand>& commands, const std::string& path, const std::string& prefix);

} // namespace packscope::compile
