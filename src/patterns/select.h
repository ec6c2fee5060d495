// A few patterns out of many that say the same: each is chosen for what it adds to those chosen before.
//
// The idea: a chosen pattern covers the bytes of its matches with its worth. What another adds is its own worth less
// what already covers the bytes of its matches, times its matches; so a pattern inside a better one adds nothing, and a
// more specific one adds the difference where it matches. What is added only shrinks as more are chosen, so each is
// weighed again only when its turn comes.
#pragma once

#include "patterns/grow.h"

namespace packscope::patterns {

// At most `limit`, in the order chosen.
std::vector<Motif> select(const std::vector<Motif>& motifs, const Sample& sample, const Repeats& repeats, std::size_t limit);

} // namespace packscope::patterns
