// Which repository a pack is of, for votes: all that stem from one root count as one.
//
// The idea: a repository's name says nothing (a fork has another, a lone pack has none), but its oldest root commit is in
// every clone, fork and repack of it. So a fork's vote is the vote of what it was forked from, and the same pack under
// another name is the same voter. A history without a root (shallow) goes by its oldest commit, a pack without commits by the
// least of its ids.
#pragma once

#include "pack/store.h"

#include <functional>

namespace packscope::lattice {

// Nullopt: no object whose id is known. Objects that cannot be read are passed over: whoever reads the blobs names them.
std::optional<pack::ObjectId> identity_of(pack::Store& store, unsigned threads, std::uint64_t memory);

} // namespace packscope::lattice
