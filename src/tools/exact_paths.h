// What the declarations of given blobs cost exactly, two ways, each counted as user instructions of real processes:
//
//   traditional   git cat-file --batch → written to a file, read back → tree-sitter → declarations
//   fused         the pack's stream → inflated in memory → tree-sitter → declarations, in one process
//
// What the programs do before their first blob is counted on an empty list and taken off: the figures are of the blobs alone.
#pragma once

#include "base/result.h"
#include "syntax/language.h"
#include "tools/scratch_folder.h"

#include <span>
#include <string>

namespace packscope::tools {

struct ExactBlob {
  std::string object; // hex id
  syntax::Language language;
};

struct ExactCost { // sums over blobs; + adds
  std::uint64_t git = 0, parse = 0, fused = 0; // instructions
  std::uint64_t declarations = 0;
  std::string measured; // child_instructions.h

  ExactCost& operator+=(const ExactCost& other);
};

// Of the blobs of one repository. Errors: nothing can count them, or a process failed, or the two ways found different
// declarations.
Result<ExactCost> count_exact_paths(const ScratchFolder& folder, const std::string& repository, std::span<const ExactBlob> blobs);

// The processes that are counted: this program itself. The blobs come on standard input, "OBJECT LANGUAGE" a line; the
// last line on standard output is "N texts, N declarations, hash N". `texts`: what git cat-file --batch wrote for them.
int run_parse_texts(const std::string& texts);
int run_parse_repository(const std::string& repository);

} // namespace packscope::tools
