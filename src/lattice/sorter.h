// Evidence in any order, in; records in the order of their keys, out; memory bounded.
//
// The idea: what fits is sorted in memory; what doesn't is written as runs, which are merged as lattices are (merge.h). Runs
// lie in files that have no name: nothing of them outlives the process, however it ends.
#pragma once

#include "lattice/cursor.h"
#include "lattice/evidence.h"

#include <functional>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace packscope::lattice {

class RunFile;

class Sorter {
public:
  // Runs are written into `folder`.
  Sorter(std::string folder, std::uint64_t memory);
  ~Sorter();
  Sorter(Sorter&&) noexcept;

  // Before each blob: room for it, if need be by a spill, which makes the labels' numbers void.
  Result<void> make_room();
  std::uint32_t label(std::string_view text); // a number until the next make_room(); at most kLabels new ones between two
  static constexpr std::size_t kLabels = 32, kTuples = 1024;
  void add(std::uint64_t key, std::uint32_t label, Element repository, Element object) {
    tuples_.push_back({key, object, repository << 16 | label});
  }
  // Everything, as cursors to merge. The Sorter outlives them.
  Result<std::vector<CursorPtr>> finish();

private:
  friend class SortedTuples;
  struct Tuple {
    std::uint64_t key, object;
    std::uint64_t voter; // repository:48 label:16; one run has at most 65,535 labels
    std::uint64_t label() const { return voter & 0xffff; }
    Element repository() const { return voter >> 16; }
    auto order() const { return std::tuple(key, label(), voter, object); }
  };
  struct Run {
    std::unique_ptr<RunFile> file;
    unsigned level = 0;
  };
  CursorPtr sorted();
  Result<void> spill();
  Result<void> write_run(Cursor& records, unsigned level);
  Result<void> merge_runs(std::size_t first);

  const std::string folder_;
  std::size_t most_;
  std::vector<Tuple> tuples_;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> numbers_;
  std::vector<std::string> labels_;
  std::vector<Run> runs_; // levels descend
};

} // namespace packscope::lattice
