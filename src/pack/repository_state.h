// What a Repository holds; private to the room, shared by repository.cc (names) and scope.cc (walks).
#pragma once

#include "pack/commit.h"
#include "pack/layout.h"
#include "pack/pair_map.h"
#include "pack/refs.h"
#include "pack/repository.h"

#include <unordered_set>

namespace packscope::pack {

using OnError = std::function<void(const Error&)>;
using OnBlob = std::function<void(const BlobPath&)>;

struct Repository::State {
  State(Source chosen, Layout found, Store opened)
      : source(std::move(chosen)), layout(std::move(found)), store(std::move(opened)) {}

  Source source;
  Layout layout;
  Store store;
  std::optional<Refs> refs; // opened when first asked for; never for a lone pack
  std::unordered_set<ObjectId, ObjectIdHash> shallow; // commits whose parents are allowed to be missing
  std::uint64_t missing = 0;
  std::function<void(const Error&)> name_missing;
  PairMap lacking; // what was counted, with an empty path

  Result<Refs*> open_refs();
  Result<ObjectId> resolve(const std::string& revision);
  Result<std::vector<ObjectId>> tip_trees(const OnError& error);
  // The tree that a commit, tag or tree leads to; nullopt: a tag of a blob.
  Result<std::optional<ObjectId>> tree_of(const ObjectId& id);
  // An object that is not here: an error, but in a partial clone, where it is counted. `what`: "blob … of path …".
  void lack(const std::string& what, const ObjectId& id, const OnError& error);
};

// A commit of the history and its root tree.
struct CommitTree {
  ObjectId commit, tree;
};
// All commits reachable from any ref, parents before children, else by time, else by id.
struct HistoryVisitor {
  OnError error;
  std::function<void(const ObjectId&)> missing; // a commit, or what a tag leads to, that is not here
};
Result<std::vector<CommitTree>> history_of(Store& store, const std::vector<Ref>& refs,
                                           const std::unordered_set<ObjectId, ObjectIdHash>& shallow,
                                           const HistoryVisitor& visitor);

} // namespace packscope::pack
