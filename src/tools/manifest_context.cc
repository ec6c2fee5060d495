// Looks into the tree that a manifest came from; see manifest_context.h. What cannot be read there is no error here: it
// is reported where it is a manifest itself.
#include "tools/manifest_context.h"

#include "base/mapped_file.h"
#include "deps/path.h"
#include "pack/layout.h"

namespace packscope::tools {

void WorkspaceRoots::inherit(const Manifest& member, deps::CargoManifest& manifest) {
  if (!member.tree) return;
  deps::inherit(manifest, member.path, [&](const std::string& path) -> const deps::CargoManifest* {
    const std::optional<Siblings::Found> found = siblings_.find(*member.tree, path);
    if (!found || !pack::is_file(found->mode)) return nullptr;
    const std::optional<deps::CargoManifest>& root = load(found->id);
    return root ? &*root : &deps::kUnreadableCargo;
  });
}

const std::optional<deps::CargoManifest>& WorkspaceRoots::load(const pack::ObjectId& id) {
  if (const auto known = parsed_.find(id); known != parsed_.end()) return known->second;
  if (parsed_.size() >= most_) parsed_.clear();
  std::optional<deps::CargoManifest>& made = parsed_[id];
  const Result<pack::ObjectPtr> object = read_manifest(repository_, {.at = {}, .id = id});
  if (!object) return made;
  if (Result<deps::CargoManifest> root = deps::parse_cargo_manifest(as_text((*object)->data))) {
    root->dependencies.clear(); // what members inherit is in its workspace
    made = std::move(*root);
  }
  return made;
}

void complete_submodules(const Manifest& manifest, const std::string& origin, Siblings& siblings,
                         std::vector<deps::Submodule>& submodules) {
  for (deps::Submodule& one : submodules) {
    if (one.url && !origin.empty() && deps::is_relative_url(*one.url))
      one.resolved = deps::resolve_submodule_url(origin, *one.url);
    if (!one.path || !manifest.tree) continue;
    // A vendored .gitmodules speaks of paths beside itself.
    const std::optional<std::string> path = deps::join_path(deps::parent_path(manifest.path), *one.path);
    if (!path || path->empty()) continue;
    const std::optional<Siblings::Found> link = siblings.find(*manifest.tree, *path);
    if (link && pack::is_gitlink(link->mode)) one.commit = link->id.hex();
  }
}

std::string origin_of(const pack::Source& source) {
  if (!source.repository) return {};
  const Result<MappedFile> config = MappedFile::open(pack::read_layout(source.path).common_directory + "/config");
  return config ? deps::origin_of(as_text(config->bytes())).value_or("") : "";
}

} // namespace packscope::tools
