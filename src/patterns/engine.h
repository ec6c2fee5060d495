// What the regex engine (Hyperscan, or vectorscan) finds of patterns in whole files.
//
// The idea: the engine reports where matches end, for many patterns in one pass; Matcher says which of them a search for
// one match behind the other would take, and each of these counts only once the engine has reported its end.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "patterns/input.h"
#include "patterns/pattern.h"

#include <optional>
#include <span>

namespace packscope::patterns {

struct Counted {
  std::uint64_t support = 0;       // matches that don't overlap, leftmost first, over all files
  std::uint64_t bytes_covered = 0; // bytes in these matches
  std::uint64_t files = 0;         // files that hold any
  std::size_t example_file = ~std::size_t{0}; // the first file that holds one, and where
  std::uint64_t example_offset = 0;
  bool confirmed = true; // false: the engine cannot take the expression, or did not report a match that Matcher found
};

// One for each pattern. Fails only where the engine has no memory.
Result<std::vector<Counted>> count_matches(std::span<const Pattern> patterns, std::span<const Input> inputs,
                                           unsigned threads, Progress& progress);

// For each pattern whether it matches anywhere; true too where the engine cannot take it.
Result<std::vector<bool>> match_anywhere(std::span<const Pattern> patterns, std::span<const Input> inputs,
                                         unsigned threads, Progress& progress);

} // namespace packscope::patterns
