// Records in the order of their keys, wherever they come from: a file, a run of a sort, memory, or several of them joined.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <memory>

namespace packscope::lattice {

struct Record {
  std::uint64_t key = 0;
  Bytes value = {}; // until the next call
};

class Cursor {
public:
  virtual ~Cursor() = default;
  // The next record, keys strictly ascending; false at the end. After an error nothing more comes.
  virtual Result<bool> next(Record& record) = 0;
};
using CursorPtr = std::unique_ptr<Cursor>;

} // namespace packscope::lattice
