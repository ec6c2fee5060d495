// flake.nix and flake.lock as records ("nix flake" in Nix's reference manual: flake references, flake inputs, lock files).
//
// What an input refers to is kept as nix keeps it: `original` has the attributes that `nix flake metadata` and the lock
// file show under that name (type, owner, repo, ref, …), whether the flake wrote a url or attributes.
#pragma once

#include "base/json.h"
#include "deps/manifest.h"

#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace packscope::deps {

using FlakeAttribute = std::variant<std::string, std::int64_t, bool>;
using FlakeReference = std::map<std::string, FlakeAttribute, std::less<>>;

struct FlakeInput {
  std::string name;
  std::optional<std::string> url;     // as written
  std::optional<bool> flake;          // as written; absent means yes
  std::optional<std::string> follows; // "nixpkgs", "a/nixpkgs"; "" leaves the input out
  FlakeReference original;            // empty where it follows another, or only overrides inputs of its own
  std::vector<FlakeInput> inputs;     // overrides; sorted by name

  std::optional<std::string> type() const;
};

struct Flake {
  std::optional<std::string> description;
  std::vector<FlakeInput> inputs; // sorted by name, as nix keeps them
  bool has_outputs = false;
};
Result<Flake> parse_flake(std::string_view text);

// The attributes of a url-like reference: "github:o/r/ref?dir=x", "git+ssh://…?ref=…", "nixpkgs/nixos-23.05", "./sub".
// nullopt: no kind that nix knows. `flake` decides what an https url without an archive's ending is.
std::optional<FlakeReference> parse_flake_url(std::string_view url, bool flake = true);

struct FlakeNode {
  std::string name;
  // Of "locked"; `ref` of "original" where "locked" has none. Version 5 keeps two of them in "info".
  std::optional<std::string> type, owner, repo, url, ref, rev, nar_hash, host, dir, path, id;
  std::optional<std::int64_t> last_modified;
  bool flake = true;
  // To a node, or (several parts, or one in a list) along the inputs of the root: a follows.
  struct Edge {
    std::string name;
    std::optional<std::string> node;
    std::vector<std::string> follows;
  };
  std::vector<Edge> inputs;
};
struct FlakeLock {
  std::int64_t version = 0;
  std::string root;
  std::vector<FlakeNode> nodes; // sorted by name
};
// Versions 5 to 7.
Result<FlakeLock> parse_flake_lock(std::string_view text);

// The members of CONTRACT's records, into an object that is open. An input also has "original", a node also what it
// has of "host", "dir", "path", "id" and "flake":false.
void write_fields(JsonWriter& json, const Flake& flake);
void write_fields(JsonWriter& json, const FlakeLock& lock);

// Whether a text without a path is worth parsing: cheap, and wrong in both directions.
bool looks_like_flake(std::string_view text);
bool looks_like_flake_lock(std::string_view text);

} // namespace packscope::deps
