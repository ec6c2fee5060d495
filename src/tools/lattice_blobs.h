// The blobs that explain and measure ask a lattice about, and their streams.
#pragma once

#include "deflate/fault.h"
#include "lattice/explainer.h"
#include "pack/delta_roots.h"
#include "tools/command.h"

namespace packscope::tools {

// The scope's blobs, links left out. Where the scope is every object and no paths are asked for, no tree is read.
std::vector<pack::BlobPath> blobs_of(pack::Repository& repository, const pack::DeltaRoots& roots, const pack::Scope& scope, bool paths, Report& report);

// The clues of a stream that is no delta. A loose object has none.
Result<bool> clues_of(const pack::Store& store, pack::Location at, lattice::Clues& clues);

// The repository's vote, where the lattice has it; else 0. A pack whose ids are not known without resolving it has none.
lattice::Element own_vote(pack::Repository& repository, const lattice::Explainer& explainer, const ReadOptions& options);

} // namespace packscope::tools
