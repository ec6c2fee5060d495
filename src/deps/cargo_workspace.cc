// What a workspace's members inherit from its root; see cargo.h.
//
// The rules are cargo's own (its util/workspace and TomlInheritedDependency): features add up, default features are on
// if either side asks for them, `optional` is the member's alone, a path is moved from the root's folder to the member's.
#include "deps/cargo.h"
#include "deps/path.h"

#include <algorithm>

namespace packscope::deps {

const CargoManifest kUnreadableCargo;

namespace {

bool lies_in(const std::string& path, const std::optional<std::string>& folder) {
  return folder && (folder->empty() || path == *folder || path.starts_with(*folder + "/"));
}

// As cargo's WorkspaceRootConfig::is_excluded: members are compared as paths there too, not as globs.
bool excludes(const CargoWorkspace& workspace, const std::string& root_folder, const std::string& path) {
  const auto any = [&](const std::vector<std::string>& list) {
    return std::ranges::any_of(list,
                               [&](const std::string& one) { return lies_in(path, join_path(root_folder, one)); });
  };
  return any(workspace.exclude) && !any(workspace.members);
}

struct Root {
  const CargoManifest* manifest = nullptr;
  std::string folder;
};

Root find_root(const CargoManifest& manifest, const std::string& path, const CargoLoader& load) {
  std::string folder = parent_path(path);
  if (manifest.workspace) return {&manifest, folder};
  const auto pointed = [&](const std::string& from, const std::string& to) -> Root {
    const std::optional<std::string> there = join_path(from, to);
    if (!there) return {};
    const CargoManifest* root = load(there->empty() ? "Cargo.toml" : *there + "/Cargo.toml");
    if (root == nullptr || !root->workspace) return {};
    return {root, *there};
  };
  if (manifest.workspace_path) return pointed(folder, *manifest.workspace_path);
  while (!folder.empty()) {
    folder = parent_path(folder);
    const CargoManifest* above = load(folder.empty() ? "Cargo.toml" : folder + "/Cargo.toml");
    if (above == &kUnreadableCargo) return {};
    if (above == nullptr) continue;
    if (above->workspace && !excludes(*above->workspace, folder, path)) return {above, folder};
    if (!above->workspace && above->workspace_path) return pointed(folder, *above->workspace_path);
  }
  return {};
}

void take_over(CargoDependency& member, const CargoDependency& root, const std::string& from, const std::string& to) {
  if (root.source == CargoSource::workspace) return; // a root cannot inherit
  CargoDependency made = root;
  made.kind = member.kind;
  made.target = member.target;
  made.optional = member.optional;
  for (const std::string& feature : member.features)
    if (std::ranges::find(made.features, feature) == made.features.end()) made.features.push_back(feature);
  if (member.default_features == true && root.default_features == false) made.default_features = true;
  if (root.path && !root.path->starts_with('/'))
    if (const std::optional<std::string> at = join_path(from, *root.path)) made.path = relative_path(to, *at);
  member = std::move(made);
}

} // namespace

void inherit(CargoManifest& manifest, const std::string& path, const CargoLoader& load) {
  if (!manifest.inherits()) return;
  const Root root = find_root(manifest, path, load);
  if (root.manifest == nullptr) return;
  const CargoWorkspace& workspace = *root.manifest->workspace;
  const std::string folder = parent_path(path);
  if (manifest.inherits_version) manifest.version = workspace.version;
  for (CargoDependency& one : manifest.dependencies) {
    if (one.source != CargoSource::workspace) continue;
    const auto found = std::ranges::lower_bound(workspace.dependencies, one.name, {}, &CargoDependency::name);
    if (found != workspace.dependencies.end() && found->name == one.name) take_over(one, *found, root.folder, folder);
  }
}

} // namespace packscope::deps
