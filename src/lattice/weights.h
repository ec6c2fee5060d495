// How much each dimension's clues weigh; see explainer.h. Fitted by tests/bench/lattice_weights.py on
// training repositories alone; weights.cc says which.
#pragma once

#include "lattice/dimension.h"

namespace packscope::lattice {

// By how many repositories' votes a clue has: 1, 2, 3–4, 5–8, 9–16, more. Of profiles: by group.
inline constexpr unsigned kBuckets = 8;
constexpr unsigned bucket_of(float repositories) {
  return repositories < 2 ? 0 : repositories < 3 ? 1 : repositories < 5 ? 2 : repositories < 9 ? 3 : repositories < 17 ? 4 : 5;
}

struct Weight {
  float repositories, objects;
};
extern const Weight kWeights[kDimensions][kBuckets];

} // namespace packscope::lattice
