// Which blobs of a scope are manifests; see manifests.h.
//
// The walks read trees and nothing else: an entry is compared by name before its object is even looked up, which is what
// makes them cheaper than listing all paths. Only where no tree names a blob is the blob itself looked at.
#include "tools/manifests.h"

#include <algorithm>

namespace packscope::tools {
namespace {

// A blob without a name that is none, or that cannot be read.
bool is_none(pack::Store& store, const pack::BlobPath& blob, const ManifestKind& kind, Report& report) {
  const pack::Outcome<std::uint64_t> size = store.size_of(blob.at);
  if (size && *size > deps::kMaxManifest) return true;
  const pack::Outcome<pack::ObjectPtr> object = store.read(blob.at);
  if (!object) report.error(store.error(blob.at, object.error()));
  return !object || !kind.looks_like(as_text((*object)->data));
}

} // namespace

std::vector<Manifest> find_manifests(pack::Repository& repository, const ReadOptions& options, const ManifestKind& kind,
                                     Report& report) {
  using Kind = pack::ScopeKind;
  pack::Scope scope = options.scope();
  if (scope.kind == Kind::automatic && !repository.source().repository) scope.kind = Kind::all_objects;
  const bool all = scope.kind == Kind::all_objects;
  scope.names.assign(kind.names.begin(), kind.names.end());
  scope.locations = all;
  std::vector<Manifest> found;
  repository.for_each_blob(
      scope,
      [&](const pack::BlobPath& blob) {
        // Links may have the name, too.
        if (!pack::is_file(blob.mode) || (blob.path.empty() && is_none(repository.store(), blob, kind, report))) return;
        found.push_back({.at = all ? std::optional(blob.at) : std::nullopt, .id = blob.id, .path = blob.path,
                         .tree = blob.root, .first_commit = blob.first_commit, .last_commit = blob.last_commit});
      },
      [&](const Error& error) { report.error(error); });
  if (!all && scope.kind != Kind::history) std::ranges::stable_sort(found, {}, &Manifest::path);
  return found;
}

} // namespace packscope::tools
