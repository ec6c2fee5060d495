// What a Repository holds; private to the room, shared by repository.cc (names) and scope.cc (walks).
#pragma once

#include "pack/commit.h"
#include "pack/layout.h"
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

  Result<Refs*> open_refs();
  Result<ObjectId> resolve(const std::string& revision);
  Result<std::vector<ObjectId>> tip_trees(const OnError& error);
  // The tree that a commit, tag or tree leads to; nullopt: a tag of a blob.
  Result<std::optional<ObjectId>> tree_of(const ObjectId& id);
  // An object whose absence is no error in a partial clone.
  bool may_lack() const { return layout.partial; }
};

// A commit of the history and its root tree.
struct CommitTree {
  ObjectId commit, tree;
};
// All commits reachable from any ref, parents before children, else by time, else by id.
// (Who needs the first and last commit of a path finds them by walking these in order.)
Result<std::vector<CommitTree>> history_of(Store& store, const std::vector<Ref>& refs,
                                           const std::unordered_set<ObjectId, ObjectIdHash>& shallow,
                                           const OnError& error);

} // namespace packscope::pack
