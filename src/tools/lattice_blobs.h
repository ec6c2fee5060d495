// What explain, measure and predict ask a lattice about: the clues of a stream, and whose vote counts as its own.
#pragma once

#include "deflate/fault.h"
#include "lattice/explainer.h"
#include "tools/command.h"

#include <atomic>

namespace packscope::tools {

// The clues of a stream that is no delta. A loose object has none.
Result<bool> clues_of(const pack::Store& store, pack::Location at, lattice::Clues& clues);

// The repository's vote, where the lattice has it; else 0. A pack whose ids are not known without resolving it has none.
lattice::Element own_vote(pack::Repository& repository, const lattice::Explainer& explainer, const ReadOptions& options);

// The answer, which another may replace; that the lattice is damaged is kept.
inline const lattice::Answer& noted(const lattice::Answer& answer, std::atomic<bool>& damaged) {
  if (answer.damaged) damaged = true;
  return answer;
}
// Of a lattice that could not answer all that was asked.
Error lattice_damaged(const std::string& path);

} // namespace packscope::tools
