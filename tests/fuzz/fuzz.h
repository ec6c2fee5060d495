// What the fuzz targets share: the entry point's name, a check that ends the run, and input as a file.
#pragma once

#include "base/bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace packscope::fuzz {

// Unlike assert(), present in every build; libFuzzer keeps the input that ended the run.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::abort();
}

// The bytes as a file in memory, for what only opens paths.
class MemoryFile {
public:
  explicit MemoryFile(Bytes bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    require(fd_ >= 0 && ::ftruncate(fd_, static_cast<off_t>(bytes.size())) == 0, "a file in memory is made");
    require(bytes.empty() ||
                ::pwrite(fd_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
            "a file in memory is written");
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
  int fd_;
};

} // namespace packscope::fuzz
