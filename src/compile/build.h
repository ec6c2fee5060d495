// Units of a pack compiled and linked: objects and executable are files in memory.
#pragma once

#include "compile/backend.h"
#include "compile/children.h"

#include <functional>

namespace packscope::compile {

struct BuildOptions {
  unsigned threads = 1;
  HostFolders host = {};                       // beside the folders of system headers
  std::vector<std::string> link_flags = {};
  std::uint64_t memory = ChildLimits().memory; // of address space, of the compiler of one unit, and of the linker
};

struct CompiledUnit {
  const Unit& unit;
  bool ok = false;
  std::string messages; // as the compiler words them
  MemoryFile object;
};

// Compiles each unit, and tells of each in order. False: not all were compiled.
Result<bool> compile_units(Backend& backend, const std::vector<Unit>& units, const BuildOptions& options,
                           const std::function<void(CompiledUnit)>& done);

struct Linked {
  bool ok = false;
  std::string messages; // objects are named by their sources: src/a.c.o
  MemoryFile executable;
};
// `objects`: one a unit.
Result<Linked> link_objects(Backend& backend, const std::vector<Unit>& units, const std::vector<MemoryFile>& objects, const BuildOptions& options);

// By the name of its file: .cc .cpp .cxx .c++ .C; nullopt: no source of C or C++.
std::optional<bool> is_cplusplus(std::string_view path);

} // namespace packscope::compile
