// What the streams of a pack say together.
#pragma once

#include "encoders/variant.h"

#include <map>

namespace packscope::encoders {

class Verdict {
public:
  struct Part {
    unsigned window_bits = 15;
    VariantSet writers;       // each of which wrote, or could have, all of the part's streams
    std::uint64_t streams = 0;
  };

  void add(unsigned window_bits, const VariantSet& writers) { ++streams_[{window_bits, writers}]; }

  std::uint64_t explained() const;
  std::uint64_t unexplained() const;
  // The fewest encoders that explain all that are explained, found greedily: the one that explains most streams, then the one
  // that explains most of the rest, and so on. One part: its writers are the meet of all sets, the pack's verdict.
  std::vector<Part> cover() const;
  // How many streams each variant explains.
  std::vector<std::pair<Variant, std::uint64_t>> counts() const;

private:
  std::map<std::pair<unsigned, VariantSet>, std::uint64_t> streams_;
};

} // namespace packscope::encoders
