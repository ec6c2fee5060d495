// What the graph is made of: nodes, edges, and the facts that one manifest contributes.
//
// The idea: everything that an edge says follows from the manifest's text alone, so facts belong to a blob and not to
// a repository; repositories only name the blobs they hold. A fork shares its manifests' rows with what it forked.
//
//   record (CONTRACT's JSON of pack2cargo, pack2nix, pack2gitmodules, pack2git) ──facts_of──► ManifestFacts
//   ManifestFacts × repositories ──GraphStore──► SQLite ──► queries, exports
#pragma once

#include "base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packscope::deps {

// In the order in which a node that is several of them is called.
enum class NodeKind : std::uint8_t { repo, crate, flake, git };
enum class EdgeKind : std::uint8_t { cargo, flake, submodule, lock };
enum class ManifestKind : std::uint8_t { cargo, cargo_lock, flake, flake_lock, gitmodules, urls };
std::string_view name(NodeKind kind);
std::string_view name(EdgeKind kind);

struct GraphEdge {
  std::string to; // ident: a purl where one exists, else a normal form (url.h), "flake:NAME" for a registry's flake
  NodeKind to_kind = NodeKind::git;
  EdgeKind kind = EdgeKind::cargo;
  std::string req; // as written: "^1.0", a branch, a commit
};

struct ManifestFacts {
  std::string package, version; // the crate that a Cargo.toml makes; empty: none
  std::vector<GraphEdge> edges;
  std::vector<std::string> mentions; // pack2git: repositories that a text names, which are no dependencies by that
};

// Which of the six a record is, by its fields. nullopt: none of them.
std::optional<ManifestKind> kind_of(const nlohmann::json& record);
// Tolerant: a field of the wrong type is as good as absent. What has no ident (path dependencies of flakes, inputs that
// follow others, relative submodules without origin) makes no edge.
ManifestFacts facts_of(ManifestKind kind, const nlohmann::json& record);

// "pkg:cargo/serde", "pkg:cargo/serde@1.0.219"; what purl-spec does not allow is percent-encoded.
std::string crate_ident(std::string_view name, std::string_view version = {});
// What an ident says by itself. "pkg:github/a/b@rev" -> "a/b", "rev", "pkg:github/a/b".
struct IdentParts {
  std::string name, version, base;
};
IdentParts parts_of(std::string_view ident);
bool is_purl(std::string_view ident);

// The repository's normal url as its name in a mirror tells it ("github.com/owner/name.git"); empty: it doesn't.
std::string url_of_name(std::string_view name);

} // namespace packscope::deps
