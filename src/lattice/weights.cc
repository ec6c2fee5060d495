// Written by tests/bench/lattice_weights.py; see there for what it was fitted on.
#include "lattice/weights.h"

namespace packscope::lattice {

const Weight kWeights[kDimensions][kBuckets] = {
    /* header */ {}, /* repository */ {}, /* total */ {{1, 0}},
    /* object */ {}, /* delta */ {},
    /* raw64 */ {}, /* raw32 */ {}, /* raw16 */ {}, /* lengths */ {},
    /* symbols16 */ {{.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}},
    /* symbols8 */ {{.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}},
    /* symbols4 */ {{.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}, {.5f, 0}},
    /* shape */ {}, /* punctuation */ {}, /* shortest */ {},
    /* character */ {{0, .2f}, {0, .2f}, {0, .2f}, {0, .2f}, {0, .2f}, {0, .2f}},
};

} // namespace packscope::lattice
