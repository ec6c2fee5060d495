// From a string that repeats to what its occurrences have in common around it.
//
// The idea: lay the occurrences over each other and look at each column. A column where few values occur, against how
// often those values stand anywhere, becomes a literal or a class, as long as support × worth rises: what it costs in
// occurrences it must repay in specificity. Columns in between are gaps.
#pragma once

#include "patterns/repeats.h"

namespace packscope::patterns {

struct Motif {
  Pattern pattern;
  std::uint64_t count = 0; // occurrences in the sample
  double lift = 0;
  double score = 0; // count × worth(lift)
};

struct GrowLimits {
  std::uint32_t reach = 48;   // bytes looked at on either side of the seed
  std::uint32_t max_gap = 32; // bytes in a row that may be anything
};

// nullopt: a seed whose occurrences are all but gone.
std::optional<Motif> grow(const Sample& sample, const Background& background, const Repeats& repeats, const Seed& seed,
                          const GrowLimits& limits);

// Of all seeds, on several threads; equal patterns once, best first.
std::vector<Motif> grow_all(const Sample& sample, const Background& background, const Repeats& repeats,
                            const GrowLimits& limits, unsigned threads);

// The count and pattern given, what they are worth.
Motif weighed(Pattern pattern, std::uint64_t count, std::uint64_t bytes, const Background& background);

} // namespace packscope::patterns
