// Patterns that follow each other at a distance that varies: joined by a bounded gap where the two together are worth
// more than either alone.
#pragma once

#include "patterns/grow.h"

namespace packscope::patterns {

// The motifs, and behind them those that two of the first few make, and again with those; best first.
std::vector<Motif> join_over_gaps(std::vector<Motif> motifs, const Sample& sample, const Background& background, const Repeats& repeats,
                                  std::uint32_t max_gap, unsigned threads);

} // namespace packscope::patterns
