// Which set of bytes says most about one column of aligned occurrences.
#pragma once

#include "patterns/background.h"

#include <optional>

namespace packscope::patterns {

struct Column {
  std::array<std::uint32_t, 256> counts{}; // bytes seen there
  std::uint32_t seen = 0;                  // occurrences that have this column at all
};

struct Choice {
  ByteSet set;
  std::uint32_t hits = 0; // occurrences whose byte belongs to it
  double gain = 0;        // of support × worth, relative to one occurrence: above 0
};

// The set that raises (share of occurrences that keep) × worth(lift + log2(that share ÷ its chance)) most above
// worth(lift), out of sets that people write: one byte, up to eight bytes, a range, all with the same low or high bits.
// It must say more than the best of all such sets would by chance, and two bits; right `beside` what is literal one bit is
// telling (the highest of a number), further away it is the tone of the neighbourhood, and where all is specific enough
// only literals are taken there. `total`: occurrences, with those that lack the column.
std::optional<Choice> best_set(const Column& column, std::uint32_t total, double lift, bool beside,
                               const Background& background);

} // namespace packscope::patterns
