// Several cursors as one: where some have the same key, their evidence is joined. This is what join is.
//
// A record that only one has goes through as it is, so that a merge costs a comparison a record.
#pragma once

#include "lattice/cursor.h"

#include <vector>

namespace packscope::lattice {

CursorPtr merge(std::vector<CursorPtr> parts);

// Without the clues that fewer than `repositories` have. What is not a clue of a blob's stays: totals, repositories, and
// the profiles, which are few.
CursorPtr prune(CursorPtr all, std::uint32_t repositories);

} // namespace packscope::lattice
