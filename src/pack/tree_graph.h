// All trees and commits of a store in memory: of each tree the entries that may lead to wanted files, as numbers.
//
// Each tree is read once, where the resolver makes it, on all threads; of a tree that is a delta only the entries are
// looked at that its base has not, the others are the base's. What leads to no wanted name is cut off before the
// history is walked, so that the walk costs the versions of what is wanted, not of all folders. Private to the room.
#pragma once

#include "pack/commit.h"
#include "pack/repository_state.h"

#include <mutex>
#include <unordered_map>

namespace packscope::pack {

class TreeGraph {
public:
  // `names`: leaf names of the files that are wanted; empty: all. Nullopt: above `memory` bytes.
  static std::optional<TreeGraph> read(Store& store, std::span<const std::string> names, unsigned threads,
                                       std::uint64_t memory);

  // All commits that the refs lead to, as history_of() sorts them, by their numbers here. Nullopt: something is missing or
  // broken, which history_of() can name.
  using Shallow = std::unordered_set<ObjectId, ObjectIdHash>; // commits without their parents
  std::optional<std::vector<std::uint32_t>> order(const std::vector<Ref>& refs, const Shallow& shallow) const;

  struct Visitor {
    OnBlob visit; // as Repository::for_each_blob() calls it for a history, without locations
    std::function<void(const char* what, const ObjectId& id, const std::string& path)> lack; // "blob" or "tree"
  };
  // False, and nothing was visited: there is something unusual in the trees (a broken one, a circle, more paths than
  // `most_pairs`), which a walk over the trees themselves can name.
  bool history(std::span<const std::uint32_t> order, bool name_commits, std::size_t most_pairs, const Visitor& visitor);

private:
  friend class TreeGraphReader;
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::uint32_t kAbsent = std::uint32_t{1} << 31; // with an index into absent_, in place of a slot

  struct Edge {
    std::uint32_t name;  // in names_
    std::uint32_t child; // slot of a tree or a file
    std::uint32_t mode;
    std::uint32_t end;   // where the entry ends in its tree: what a delta leaves as it is, is found without reading it
  };
  enum : std::uint32_t { kOpen, kOnPath, kDone, kCommit };
  struct Tree { // or a commit
    std::uint32_t first = kNone; // chunk and place in it, 16 bits each, or commits_' row; kNone: neither, or a broken one
    std::uint32_t count : 30 = 0;
    std::uint32_t known : 2 = kOpen; // for prune(); kCommit: that it is none
  };
  struct CommitRow {
    std::int64_t time;
    std::uint32_t slot, tree;           // kNone: not here
    std::uint32_t first_parent, parents; // in parents_
  };
  struct Walk; // over the pruned graph

  explicit TreeGraph(Store& store);
  std::uint32_t slot_of(const ObjectId& id) const; // kNone: not here
  ObjectId id_of(std::uint32_t slot) const;
  std::uint32_t absent(const ObjectId& id); // its number in place of a slot
  std::span<Edge> edges(const Tree& tree) { return {&chunks_[tree.first >> 16][tree.first & 0xFFFF], tree.count}; }
  bool prune(std::uint32_t root);

  Store* store_;
  std::vector<std::size_t> first_slot_; // by pack; the last: of loose objects
  std::vector<Tree> trees_;             // by slot
  std::vector<std::unique_ptr<Edge[]>> chunks_;
  std::vector<ObjectId> absent_;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> absent_numbers_;
  std::vector<std::string> names_;
  std::vector<CommitRow> commits_;
  std::vector<std::uint32_t> parents_; // slots; kNone: not here
};

} // namespace packscope::pack
