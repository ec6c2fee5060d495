// The part of the input that patterns are looked for in: all of it where the memory suffices, else pieces spread evenly
// over every file. Support is always counted over the whole input; only what is rarer than the sample shows is missed.
#pragma once

#include "patterns/input.h"

#include <span>
#include <vector>

namespace packscope::patterns {

struct Sample {
  // Pieces one behind the other: first the input's, then those of the negative examples.
  std::vector<std::uint8_t> text;
  std::size_t positive = 0; // bytes of `text` that are input
  // For each byte how many of its piece begin there, itself included, at most kFar: what is repeated lies in one piece.
  std::vector<std::uint8_t> room;
  static constexpr std::uint8_t kFar = 255;

  Bytes bytes() const { return {text.data(), positive}; }
  // Whether `at` - `before` lies in the piece of `at`; `before` < kFar.
  bool reaches_back(std::size_t at, std::size_t before) const { return at >= before && room[at - before] > before; }
};

// At most `capacity` bytes, a quarter of them of `against` where it is not empty.
Sample draw_sample(std::span<const Input> inputs, std::span<const Input> against, std::size_t capacity);

} // namespace packscope::patterns
