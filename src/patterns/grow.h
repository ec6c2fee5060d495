// From a string that repeats to what its occurrences have in common around it.
//
// The idea: lay the occurrences over each other and look at each column. A column where few values occur, against how
// often those values stand anywhere, becomes a literal or a class, as long as support × worth rises: what it costs in
// occurrences it must repay in specificity. Columns in between are gaps.
#pragma once

#include "patterns/repeats.h"

namespace packscope::patterns {

struct Match { // in the sample
  std::uint32_t begin, end;
  auto operator<=>(const Match&) const = default;
};

struct Motif {
  Pattern pattern;
  std::uint64_t count = 0; // occurrences in the sample
  double lift = 0;
  double score = 0;           // count × worth(lift)
  std::vector<Match> places = {}; // at most kPlaces of them, spread evenly
  static constexpr std::size_t kPlaces = 64;

  // What it grew from: Repeats::positions[first..last], which begin `before` bytes inside the pattern.
  struct Origin {
    std::uint32_t first, last, before;
  };
  std::optional<Origin> origin = {};
};

// All its matches in the sample's input, in order; they may overlap, and lie over no seam. Nothing if there are more
// than `most`.
std::vector<Match> matches_of(const Motif& motif, const Sample& sample, const Repeats& repeats, std::size_t most);

// At most Motif::kPlaces of them.
std::vector<Match> spread(std::vector<Match> matches);

struct GrowLimits {
  std::uint32_t reach = 48;   // bytes looked at on either side of the seed
  std::uint32_t max_gap = 32; // bytes in a row that may be anything
};

// At most two: the widest, and one without gaps inside it.
std::vector<Motif> grow(const Sample& sample, const Background& background, const Repeats& repeats, const Seed& seed,
                        const GrowLimits& limits);

// Of all seeds, on several threads; equal patterns once, best first.
std::vector<Motif> grow_all(const Sample& sample, const Background& background, const Repeats& repeats,
                            const GrowLimits& limits, unsigned threads);

// The count and pattern given, what they are worth.
Motif weighed(Pattern pattern, std::uint64_t count, std::uint64_t bytes, const Background& background);

} // namespace packscope::patterns
