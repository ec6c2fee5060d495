// patterns: what repeats in bytes that nobody described, as regexes and YARA rules. This file: from files to patterns.
//
// The way: a background (how often each byte stands anywhere), a sample that fits the memory, the strings that repeat in
// it (suffix array), each grown into literals, classes and gaps by aligning its occurrences, those that follow each
// other joined; then negative examples remove, redundancy is removed, and the regex engine counts over all bytes what
// is left. Nothing is printed that it did not confirm.
#pragma once

#include "patterns/engine.h"

#include <string>

namespace packscope::patterns {

struct Options {
  std::size_t top = 32;
  std::uint64_t min_support = 3;
  std::size_t min_length = 3;      // bytes of the shortest match
  double min_bits = 15;            // a pattern matches at no more than one in 2^min_bits places of evenly random bytes
  std::uint32_t max_gap = 32;
  unsigned threads = 1;
  std::uint64_t memory = std::uint64_t{256} << 20;
  ProgressMode progress = ProgressMode::never;
};

struct Found {
  Pattern pattern;
  Counted counted;
  double bits = 0;  // log2(support ÷ what chance would give)
  double score = 0; // support × worth(bits): the order
};

struct Findings {
  std::vector<Found> patterns; // best first
  std::uint64_t bytes = 0;     // of the input
  std::uint64_t sampled = 0;   // of them, searched for what repeats
  std::uint64_t contradicted = 0; // not confirmed by the engine, left out
};

// `against`: negative examples; whatever matches there anywhere is left out. The same for any number of threads.
Result<Findings> find_patterns(std::span<const Input> inputs, std::span<const Input> against, const Options& options);

} // namespace packscope::patterns
