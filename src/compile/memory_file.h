// A file in memory: objects and diagnostics lie in such files, so that neither touches a disk, and a linker can read them.
#pragma once

#include "base/result.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace packscope::compile {

class MemoryFile {
public:
  static Result<MemoryFile> create(const char* name) {
    const int fd = ::memfd_create(name, MFD_CLOEXEC);
    if (fd < 0) return fail_errno("memfd_create", "");
    return MemoryFile(fd);
  }
  MemoryFile(MemoryFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  MemoryFile& operator=(MemoryFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); } // for this process and its children
  // From its beginning, whatever position readers of the descriptor share.
  Result<void> write(std::string_view text) const {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t written = ::pwrite(fd_, text.data() + at, text.size() - at, static_cast<off_t>(at));
      if (written < 0) return fail_errno("write", path());
      at += static_cast<std::size_t>(written);
    }
    return {};
  }
  std::string text(std::size_t most = SIZE_MAX) const {
    struct stat status;
    std::string all(::fstat(fd_, &status) == 0 ? std::min(most, static_cast<std::size_t>(status.st_size)) : 0, '\0');
    std::size_t at = 0;
    for (ssize_t got; at < all.size() && (got = ::pread(fd_, all.data() + at, all.size() - at, static_cast<off_t>(at))) > 0;) at += static_cast<std::size_t>(got);
    all.resize(at);
    return all;
  }

private:
  explicit MemoryFile(int fd) : fd_(fd) {}
  int fd_;
};

} // namespace packscope::compile
