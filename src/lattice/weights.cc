// Written by tests/bench/lattice_weights.py; see there for what it was fitted on.
#include "lattice/weights.h"

namespace packscope::lattice {

const Weight kWeights[kDimensions][kBuckets] = {};

} // namespace packscope::lattice
