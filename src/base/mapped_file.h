// A file mapped read-only: the pages come as they are touched, nothing is copied.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <string>

namespace packscope {

class MappedFile {
public:
  // An empty file maps to an empty span. Errors: anything but a readable regular file.
  static Result<MappedFile> open(const std::string& path);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  Bytes bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

private:
  Bytes bytes_;
  std::string path_;
};

} // namespace packscope
