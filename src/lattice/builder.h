// From repositories and packs to a lattice's records.
//
// The idea: inherit, don't resolve. Only streams of blobs that are no deltas are looked into, and of those a header and
// sixteen symbols; a delta gives its own id and what it stands on. Names come from the trees' differences (pack/leaf_names).
#pragma once

#include "lattice/clue.h"
#include "lattice/label.h"
#include "lattice/sorter.h"
#include "pack/repository.h"

#include <functional>

namespace packscope::lattice {

using OnError = std::function<void(const Error&)>;

struct BuildOptions {
  std::string folder = ".";  // of the sort's runs
  unsigned threads = 1;
  std::uint64_t memory = std::uint64_t{256} << 20;
  bool ast = false; // inflate and parse what is no delta, for labels of its declarations
  std::function<void(std::uint64_t blobs)> progress = {};
};

class Builder {
public:
  explicit Builder(BuildOptions options);
  ~Builder();

  // All its blobs that a tree names, links and all. An Error: the runs could not be written, nothing more is worth doing.
  Result<void> add(pack::Repository& repository, const OnError& error);
  // What all gave. The Builder outlives it.
  Result<CursorPtr> finish();

private:
  struct Worker;
  const BuildOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

} // namespace packscope::lattice
