// Writes a model as a frozen network (frozen.h).
#pragma once

#include "learn/model.h"

namespace packscope::learn {

std::vector<std::uint8_t> freeze(const Model& model); // a multiple of 64 bytes

} // namespace packscope::learn
