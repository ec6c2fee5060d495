// A run of a sort: records one behind the other in a file without a name. Private to sorter.cc.
//
//   run := (key:8 size:4 value)*      the machine's own order
#pragma once

#include "lattice/cursor.h"

#include <string>

namespace packscope::lattice {

class RunFile {
public:
  static Result<std::unique_ptr<RunFile>> create(const std::string& folder);
  ~RunFile();
  Result<void> add(const Record& record);
  Result<void> flush();
  CursorPtr records() const; // after flush(); the RunFile outlives it

private:
  class Reader;
  RunFile(int fd, std::string folder) : folder_(std::move(folder)), fd_(fd) {}
  std::string folder_, buffer_;
  int fd_;
  std::uint64_t size_ = 0;
};

} // namespace packscope::lattice
