// Cargo's manifests and lock files as records (doc.rust-lang.org/cargo/reference: manifest, specifying-dependencies,
// workspaces, overriding-dependencies).
//
//   Cargo.toml := [package] name version workspace
//                 [dependencies] [dev-dependencies] [build-dependencies] [target.CFG.…of these]
//                 [workspace] members exclude [workspace.package] version [workspace.dependencies]
//                 [patch.SOURCE] [replace]
//   dependency := requirement | { version, path, git (branch | tag | rev), registry, package, features,
//                                 default-features, optional, workspace = true }
#pragma once

#include "base/json.h"
#include "deps/manifest.h"

#include <functional>
#include <optional>
#include <vector>

namespace packscope::deps {

enum class CargoKind : std::uint8_t { normal, dev, build };
// workspace: inherited, and the workspace's root (or its entry there) is not known.
enum class CargoSource : std::uint8_t { registry, git, path, workspace };

struct CargoDependency {
  std::string name;      // the key in the manifest
  std::string package;   // the crate's own name
  std::string req = "*"; // as written
  CargoKind kind = CargoKind::normal;
  CargoSource source = CargoSource::registry;
  std::optional<std::string> git, branch, tag, rev;
  std::optional<std::string> path;     // relative to the manifest's folder; as written, if not inherited
  std::optional<std::string> registry; // its name, or the url of its index
  bool optional = false;
  std::optional<bool> default_features; // as written; absent means yes
  std::vector<std::string> features;
  std::optional<std::string> target; // "cfg(unix)", "x86_64-pc-windows-msvc"
};

// An entry of [patch.SOURCE] (`of`: "crates-io", a registry's name, a url) or [replace] (`of`: the package id spec).
struct CargoOverride {
  std::string of;
  CargoDependency by;
};

struct CargoWorkspace {
  std::vector<std::string> members, exclude;
  std::vector<CargoDependency> dependencies; // what members inherit; sorted by name
  std::optional<std::string> version;
};

struct CargoManifest {
  bool package = false; // false: a virtual manifest, which is a workspace's root alone
  std::string name;
  std::optional<std::string> version; // none written, or inherited from a root that is not known
  bool inherits_version = false;
  std::optional<std::string> workspace_path; // package.workspace: where the root is, if not above
  std::vector<CargoDependency> dependencies; // normal, dev, build, then by target; each sorted by name
  std::vector<CargoOverride> patch, replace;
  std::optional<CargoWorkspace> workspace;

  bool inherits() const; // something still waits for the workspace's root
};

Result<CargoManifest> parse_cargo_manifest(std::string_view text);

// The manifest at a path of the same tree; null: there is none; kUnreadableCargo: it cannot be read, so that nobody knows
// whether it is the root, and what waits for it goes on waiting.
extern const CargoManifest kUnreadableCargo;
using CargoLoader = std::function<const CargoManifest*(const std::string& path)>;
// Fills in what `manifest`, which lies at `path`, inherits. The root is found as cargo finds it: package.workspace,
// else the nearest manifest above that has [workspace] and does not exclude this one.
void inherit(CargoManifest& manifest, const std::string& path, const CargoLoader& load);

struct CargoLocked {
  std::string name, version;
  std::optional<std::string> source, checksum; // no source: a path
};
// Versions 1 to 4 (1 keeps checksums in [metadata], and once had the root package apart).
Result<std::vector<CargoLocked>> parse_cargo_lock(std::string_view text);

// The members of CONTRACT's records, into an object that is open. "patch" and "replace" only where there are any.
void write_fields(JsonWriter& json, const CargoManifest& manifest);
void write_fields(JsonWriter& json, const std::vector<CargoLocked>& lock);
std::string_view name(CargoKind kind);
std::string_view name(CargoSource source);

// Whether a text without a path is worth parsing as one of the two: cheap, and wrong in both directions.
bool looks_like_cargo(std::string_view text);

} // namespace packscope::deps
