// The clang backend, as the shared module packscope-clang.so has it: libclang-cpp, LLVM and lld in this process, loaded on
// demand (loader.h), so that a program that compiles nothing starts without them.
//
// Each call belongs into a child process of its own: these libraries keep what they learn, crash on odd input, and are
// shut in (sandbox.h) for the rest of the process.
#pragma once

#include "compile/host_folders.h"
#include "compile/source_tree.h"

#include <memory>
#include <string>
#include <vector>

namespace packscope::compile::clang {

// What the compiler sees of the pack: paths from the tree's root.
class Files {
public:
  virtual ~Files() = default;
  struct Status {
    NodeKind kind = NodeKind::missing;
    std::uint64_t number = 0;
    std::uint64_t size = 0;
    const char* why = "";
  };
  virtual Status status(const std::string& path) = 0;
  // The text of a file; null: it cannot be read, which was reported.
  virtual std::shared_ptr<const std::string> read(const std::string& path) = 0;
  virtual void list(const std::string& path, std::vector<SourceTree::Name>& names) = 0;
};

// What becomes of a child: its exit code.
enum class Outcome : int { done = 0, refused = 1, failed = 2 }; // refused: by the compiler's errors; failed: no compiling took place

class Module {
public:
  virtual ~Module() = default;
  virtual std::string version() const = 0; // "clang 19.1.7"
  // Compiles `unit` (from the root, a flag "--" before it) with the driver's `flags`; diagnostics go to descriptor 2.
  virtual Outcome compile(const std::string& unit, const std::vector<std::string>& flags, Files& files, const HostFolders& host, int object_fd) = 0;
  // Links objects, named as files, into an executable.
  virtual Outcome link(const std::vector<std::string>& objects, const std::vector<std::string>& flags, bool cplusplus, int executable_fd) = 0;
};

inline constexpr const char* kEntry = "packscope_clang_module_1"; // another interface has another number
using Entry = Module*();

// Where the tree lies for the compiler. No path below it ever reaches this machine's file system.
inline constexpr const char* kMount = "/pack";

} // namespace packscope::compile::clang
