// What is read: the bytes of a file, and its name.
#pragma once

#include "base/bytes.h"

#include <string>

namespace packscope::patterns {

struct Input {
  Bytes bytes;
  std::string name;
};

} // namespace packscope::patterns
