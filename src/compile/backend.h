// A compiler that builds from a pack. Its calls run in child processes (children.h): messages go to descriptor 2.
#pragma once

#include "compile/host_folders.h"
#include "compile/memory_file.h"
#include "compile/source_tree.h"

#include <memory>

namespace packscope::compile {

struct Unit {
  std::string path;               // from the tree's root
  SourceTree* tree = nullptr;
  std::vector<std::string> flags; // as take_flags() let through
  bool cplusplus = false;
};

class Backend {
public:
  virtual ~Backend() = default;
  virtual std::string version() const = 0;
  virtual bool compiles_cplusplus() const = 0;
  // Exit codes: 0 done, 1 the source's errors, 2 no compiling took place.
  virtual int compile(const Unit& unit, const HostFolders& host, const MemoryFile& object) = 0;
  struct Object {
    int fd;
    std::string name; // for messages
  };
  virtual int link(const std::vector<Object>& objects, const std::vector<std::string>& flags, bool cplusplus, const MemoryFile& executable) = 0;
};

// The Error says what is missing.
Result<std::unique_ptr<Backend>> clang_backend();
Result<std::unique_ptr<Backend>> tcc_backend();

} // namespace packscope::compile
