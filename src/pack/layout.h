// Where the parts of a repository lie on disk (gitrepository-layout(5)): git directory, common directory, object
// folders with their alternates, packs. No configuration is read here: what lies there is what there is.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace packscope::pack {

// The git directory that `path` is or contains (bare, ".git" folder, ".git" file of a submodule or linked work
// tree); empty: neither.
std::string git_directory(const std::string& path);

// Lines of a small file, white space at their ends cut off; a missing or oversized one (64 MiB: these are lists of
// paths and ids) has none.
std::vector<std::string> lines_of_file(const std::string& path);

struct Layout {
  std::string git_directory;
  std::string common_directory;             // differs for a linked work tree
  std::vector<std::string> object_folders;  // the repository's own first, then alternates, each once
  std::vector<std::string> packs;           // .pack files of all of them, sorted within each folder
  std::vector<std::string> shallow;         // ids, as .git/shallow lists them
  bool partial = false;                     // a promisor pack lies here: objects may be absent
  bool reftable = false;
  std::vector<Error> errors;                // alternates that lead nowhere
};
Layout read_layout(const std::string& git_directory);

} // namespace packscope::pack
