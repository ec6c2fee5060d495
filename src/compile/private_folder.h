// A folder of this process' own for what other people's compilers read and write: they take files, not memory.
//
// The idea: it must not outlive the process, whatever ends that. A guardian, a shell that does nothing but wait for the other
// end of a socket to close, ends what still runs then and removes the folder; so it is gone even after SIGKILL.
//
// Names from a pack are never trusted: checkout_path() says which of them may become files here.
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace packscope::compile {

// The path as it may be written below a folder: relative, without empty components, "." and "..", NUL or a component above
// 255 bytes; nullopt: none. ".git" is none either, in any case.
std::optional<std::string> checkout_path(std::string_view path);

class PrivateFolder {
public:
  // Below TMPDIR, or /tmp.
  static Result<PrivateFolder> create();
  PrivateFolder(PrivateFolder&&) noexcept;
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::string& path() const { return path_; } // absolute, without links
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  // A folder inside, made where it is not there.
  Result<std::string> folder(std::string_view name);
  // A file inside, in place of what is there; `name` must be a checkout_path. Links are not followed.
  Result<void> write(std::string_view name, std::string_view text);
  Result<std::string> read(std::string_view name) const;
  // What is below `name`, all of it.
  void remove(std::string_view name);
  // The process group that runs now, to be killed with this process; 0: none.
  void running(pid_t group) const;

private:
  PrivateFolder(std::string path, int socket, pid_t guardian) : path_(std::move(path)), socket_(socket), guardian_(guardian) {}
  std::string path_;
  int socket_;
  pid_t guardian_;
  std::set<std::string> made_; // folders that are there
};

} // namespace packscope::compile
