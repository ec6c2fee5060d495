// What would stand in the input by chance: how often a pattern is to be expected.
//
// The idea: bytes by their own frequency, independent of each other, but for runs: how likely a byte repeats itself is
// measured, so that zeros and fill bytes don't look remarkable. A whole first-order model would explain away what is
// sought: where 78 9c begins each stream, it knows that 9c follows 78.
#pragma once

#include "patterns/input.h"
#include "patterns/pattern.h"

#include <array>

namespace packscope::patterns {

class Background {
public:
  static Background of(std::span<const Input> inputs, unsigned threads);

  // log2 of the probability that the pattern matches at a given place, at most 0; every length of its gaps counts as
  // one more way.
  double log2_probability(const Pattern& pattern) const;
  double log2_probability(Bytes literal) const;
  double probability(const ByteSet& set) const;
  double probability(std::uint8_t byte) const { return of_[byte]; }
  std::uint64_t bytes() const { return bytes_; }

private:
  std::array<double, 256> of_{};     // of a byte
  std::array<double, 256> again_{};  // that the same follows
  std::array<double, 256> other_{};  // by how much others are scaled that follow
  std::array<float, 256> log2_of_{}, log2_again_{}, log2_other_{};
  std::uint64_t bytes_ = 0;
};

// How much a pattern tells, in bits, for ranking: log2(observed ÷ expected), of which what exceeds 48 bits counts an
// eighth, or a copied file would outrank an idiom that occurs a thousand times.
double worth(double lift);

} // namespace packscope::patterns
