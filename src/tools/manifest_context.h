// What a manifest takes from around it: the workspace above a crate, the gitlinks of a tree, the origin of a repository.
#pragma once

#include "deps/cargo.h"
#include "deps/gitmodules.h"
#include "tools/manifests.h"

#include <unordered_map>

namespace packscope::tools {

// The manifests above a workspace's members, by object; each is parsed once for all its members.
class WorkspaceRoots {
public:
  // `most`: of some 50 kB each; a history's members come by commit, so that few are in use.
  WorkspaceRoots(pack::Repository& repository, std::size_t most)
      : repository_(repository), siblings_(repository.store()), most_(most) {}

  void inherit(const Manifest& member, deps::CargoManifest& manifest);

private:
  const std::optional<deps::CargoManifest>& load(const pack::ObjectId& id);

  pack::Repository& repository_;
  Siblings siblings_;
  const std::size_t most_;
  std::unordered_map<pack::ObjectId, std::optional<deps::CargoManifest>, pack::ObjectIdHash> parsed_;
};

// Fills in the commits that the manifest's own tree pins, and what relative urls mean beside `origin` (empty: unknown).
void complete_submodules(const Manifest& manifest, const std::string& origin, Siblings& siblings,
                         std::vector<deps::Submodule>& submodules);

// remote.origin.url of a repository's own config; empty: it has none.
std::string origin_of(const pack::Source& source);

} // namespace packscope::tools
