// From a record to what it says about the graph; see graph.h.
#include "deps/graph.h"

#include "deps/url.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace packscope::deps {

namespace {

using Json = nlohmann::json;

const Json& at(const Json& object, const char* key) {
  static const Json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}
// Empty where it is no text.
std::string text(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}
const Json& array(const Json& object, const char* key) {
  static const Json empty = Json::array();
  const Json& value = at(object, key);
  return value.is_array() ? value : empty;
}

// Of a repository's url, with the revision that a lock pins; empty: none.
std::string repository_ident(const std::string& url, const std::string& revision = {}) {
  const std::optional<std::string> normalized = normalize_url(url);
  if (!normalized) return {};
  return purl_of(*normalized) + (revision.empty() ? "" : "@" + revision);
}

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& one : texts)
    if (!one.empty()) return one;
  return {};
}

void add(ManifestFacts& facts, std::string to, NodeKind to_kind, EdgeKind kind, std::string req) {
  if (!to.empty()) facts.edges.push_back({std::move(to), to_kind, kind, std::move(req)});
}

void cargo(const Json& record, ManifestFacts& facts) {
  facts.package = text(at(record, "package"), "name");
  facts.version = text(at(record, "package"), "version");
  for (const Json& dependency : array(record, "dependencies")) {
    const std::string name = first_of({text(dependency, "package"), text(dependency, "name")});
    if (name.empty()) continue;
    add(facts, crate_ident(name), NodeKind::crate, EdgeKind::cargo, text(dependency, "req"));
    if (const std::string git = text(dependency, "git"); !git.empty())
      add(facts, repository_ident(git), NodeKind::git, EdgeKind::cargo,
          first_of({text(dependency, "rev"), text(dependency, "tag"), text(dependency, "branch")}));
  }
}

// A package without source is the repository's own.
void cargo_lock(const Json& record, ManifestFacts& facts) {
  for (const Json& package : array(record, "lock")) {
    const std::string name = text(package, "name"), version = text(package, "version"),
                      source = text(package, "source");
    if (name.empty() || source.empty()) continue;
    add(facts, crate_ident(name, version), NodeKind::crate, EdgeKind::lock, version);
    if (!source.starts_with("git+")) continue;
    const std::size_t hash = source.find('#');
    const std::string revision = hash == source.npos ? "" : source.substr(hash + 1);
    add(facts, repository_ident(source.substr(0, hash), revision), NodeKind::git, EdgeKind::lock, revision);
  }
}

bool is_local(const std::string& type, const std::string& url) {
  return type == "path" || url.starts_with("path:") || url.starts_with('.') || url.starts_with('/') ||
         url.starts_with("file:") || url.starts_with("git+file:");
}

// What is no repository: a tarball of some server, a registry's name.
std::string other_flake(const std::string& url) {
  if (url.find("://") != url.npos) return url.substr(0, url.find_first_of("?#")).substr(0, kMaxUrl);
  const std::string name = url.starts_with("flake:") ? url.substr(6) : url;
  const std::string head = name.substr(0, name.find_first_of("/?#"));
  const bool plain = !head.empty() && head.find(':') == head.npos && head.size() < 256;
  return plain ? "flake:" + head : std::string();
}

std::string locked_url(const Json& node) {
  const std::string type = text(node, "type"), path = text(node, "owner") + "/" + text(node, "repo");
  if (type == "github" || type == "gitlab" || type == "sourcehut") {
    const std::string host = text(node, "host");
    return type + ":" + path + (host.empty() ? "" : "?host=" + host);
  }
  return text(node, "url");
}

void flake(const Json& record, ManifestFacts& facts) {
  for (const Json& input : array(record, "inputs")) {
    if (!at(input, "follows").is_null()) continue;
    const Json& original = at(input, "original"); // attributes, where the record has them
    const std::string url = first_of({text(input, "url"), locked_url(original)});
    if (is_local(first_of({text(input, "type"), text(original, "type")}), url)) continue;
    if (url.empty() && original.is_object() && original.empty()) continue; // overrides inputs of another's input
    std::string to = repository_ident(url);
    if (to.empty()) to = other_flake(first_of({url, text(original, "id"), text(input, "name")}));
    add(facts, to, NodeKind::flake, EdgeKind::flake,
        first_of({text(original, "rev"), text(original, "ref"), ref_of(url)}));
  }
}

void flake_lock(const Json& record, ManifestFacts& facts) {
  const std::string root = first_of({text(record, "root"), "root"});
  for (const Json& node : array(record, "nodes")) {
    const std::string url = locked_url(node), revision = text(node, "rev");
    if (text(node, "name") == root || url.empty() || is_local(text(node, "type"), url)) continue;
    std::string to = repository_ident(url, revision);
    if (to.empty()) to = other_flake(url);
    add(facts, to, NodeKind::flake, EdgeKind::lock, revision);
  }
}

void gitmodules(const Json& record, ManifestFacts& facts) {
  for (const Json& module : array(record, "submodules"))
    add(facts, repository_ident(first_of({text(module, "resolved"), text(module, "url")})), NodeKind::git,
        EdgeKind::submodule, text(module, "commit"));
}

} // namespace

std::optional<ManifestKind> kind_of(const nlohmann::json& record) {
  if (at(record, "submodules").is_array()) return ManifestKind::gitmodules;
  if (at(record, "dependencies").is_array()) return ManifestKind::cargo;
  if (at(record, "lock").is_array()) return ManifestKind::cargo_lock;
  if (at(record, "nodes").is_array()) return ManifestKind::flake_lock;
  if (at(record, "inputs").is_array()) return ManifestKind::flake;
  if (at(record, "normalized").is_string()) return ManifestKind::urls;
  return std::nullopt;
}

ManifestFacts facts_of(ManifestKind kind, const nlohmann::json& record) {
  ManifestFacts facts;
  switch (kind) {
  case ManifestKind::cargo: cargo(record, facts); break;
  case ManifestKind::cargo_lock: cargo_lock(record, facts); break;
  case ManifestKind::flake: flake(record, facts); break;
  case ManifestKind::flake_lock: flake_lock(record, facts); break;
  case ManifestKind::gitmodules: gitmodules(record, facts); break;
  case ManifestKind::urls: facts.mentions.push_back(purl_of(text(record, "normalized"))); break;
  }
  return facts;
}

} // namespace packscope::deps
