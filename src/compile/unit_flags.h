// Which flags of a compiler's command line are taken. What is not listed here is refused by its name: a flag may load a
// plugin, write a file, read one of this machine or start a program, and every new compiler has more of them.
//
// Flags come from a person, after "--", or from a compile_commands.json, which is somebody's bytes: that one's -c, -o and
// -M… flags say where a build would write, and are left out, since nothing is written.
#pragma once

#include "base/result.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace packscope::compile {

struct TakenFlags {
  std::vector<std::string> compile; // -I dir as -Idir; paths of the pack from its root
  std::vector<std::string> link;
};

struct FlagSource {
  bool person = true;
  std::string prefix = {}; // of this machine: what lies below it lies in the pack, from its root. Empty: nothing does
  std::string folder = {}; // absolute, where relative paths begin; empty: at the pack's root
  std::string unit = {};   // absolute: the source, which the command line names among its flags; empty: it does not
};

// The Error names the flag.
Result<TakenFlags> take_flags(std::span<const std::string> flags, const FlagSource& source);

// The path from the pack's root of an absolute path below `prefix`; nullopt: elsewhere.
std::optional<std::string> path_below(const std::string& path, const std::string& prefix);

} // namespace packscope::compile
