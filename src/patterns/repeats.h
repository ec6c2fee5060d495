// Strings that repeat more often than chance, each once: the seeds that patterns grow from.
//
// The idea: in a suffix array all occurrences of a string stand side by side, and an interval of equal prefixes that no
// longer prefix shares is a string that can't be extended without losing occurrences. One pass over the longest common
// prefixes visits every such interval, so every repeat of the sample is weighed, whatever its length and number.
#pragma once

#include "base/result.h"
#include "patterns/background.h"
#include "patterns/sample.h"

#include <vector>

namespace packscope::patterns {

struct Seed {
  std::uint32_t first = 0, last = 0; // its occurrences: positions[first..last]
  std::uint32_t length = 0;
  double lift = 0;  // log2(observed ÷ expected)
  double score = 0; // occurrences × worth(lift)

  std::uint32_t count() const { return last - first + 1; }
};

struct Repeats {
  std::vector<std::int32_t> positions; // the suffix array of the sample
  std::vector<Seed> seeds;             // best first; those whose bytes better ones hold already are left out
};

// At most `limit` seeds. None of them occurs in the sample's negative examples.
Result<Repeats> find_repeats(const Sample& sample, const Background& background, std::size_t limit);

} // namespace packscope::patterns
