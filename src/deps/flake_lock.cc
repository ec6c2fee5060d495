// flake.lock to records; see flake.h.
//
//   lock := { "version": 5 | 6 | 7, "root": NAME, "nodes": { NAME: node } }
//   node := { "inputs": { NAME: NODE | [NAME…] }, "locked": {…}, "original": {…}, "flake": bool?, "info": {…}? }
#include "deps/flake.h"
#include "deps/json_text.h"

namespace packscope::deps {
namespace {

using Json = nlohmann::json;

const Json* find(const Json& in, const char* key) {
  const auto found = in.find(key);
  return found == in.end() ? nullptr : &*found;
}

std::optional<std::string> text(const Json& in, const char* key) {
  const Json* found = find(in, key);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Result<FlakeNode::Edge> read_edge(const std::string& name, const Json& to) {
  FlakeNode::Edge edge = {.name = name};
  if (to.is_string()) {
    edge.node = to.get<std::string>();
    return edge;
  }
  if (!to.is_array()) return fail("input '" + shortened(name) + "' leads to neither a node nor a path");
  for (const Json& part : to) {
    if (!part.is_string()) return fail("input '" + shortened(name) + "' follows something else than names");
    edge.follows.push_back(part.get<std::string>());
  }
  return edge;
}

Result<FlakeNode> read_node(const std::string& name, const Json& from) {
  if (!from.is_object()) return fail("node '" + shortened(name) + "' is no object");
  FlakeNode node;
  node.name = name;
  const Json none = Json::object();
  const auto part = [&](const char* key) {
    const Json* found = find(from, key);
    return found != nullptr && found->is_object() ? found : &none;
  };
  const Json &locked = *part("locked"), &info = *part("info"), &original = *part("original");
  node.type = text(locked, "type");
  node.owner = text(locked, "owner");
  node.repo = text(locked, "repo");
  node.url = text(locked, "url");
  node.ref = text(locked, "ref");
  if (!node.ref) node.ref = text(original, "ref");
  node.rev = text(locked, "rev");
  node.host = text(locked, "host");
  node.dir = text(locked, "dir");
  node.path = text(locked, "path");
  node.id = text(locked, "id");
  for (const Json* where : {&locked, &info}) { // info: version 5
    if (!node.nar_hash) node.nar_hash = text(*where, "narHash");
    const Json* time = find(*where, "lastModified");
    if (!node.last_modified && time != nullptr && time->is_number_integer())
      node.last_modified = time->get<std::int64_t>();
  }
  if (const Json* flake = find(from, "flake"); flake != nullptr && flake->is_boolean()) node.flake = flake->get<bool>();
  for (const auto& [key, to] : part("inputs")->items()) {
    Result<FlakeNode::Edge> edge = read_edge(key, to);
    if (!edge) return std::unexpected(edge.error());
    node.inputs.push_back(std::move(*edge));
  }
  return node;
}

} // namespace

Result<FlakeLock> parse_flake_lock(std::string_view from) {
  const Result<Json> root = parse_json(from);
  if (!root) return std::unexpected(root.error());
  if (!root->is_object()) return fail("a lock file is an object");
  const Json *version = find(*root, "version"), *nodes = find(*root, "nodes");
  if (version == nullptr || !version->is_number_integer()) return fail("no version");
  FlakeLock lock = {.version = version->get<std::int64_t>()};
  if (lock.version < 5 || lock.version > 7)
    return fail("lock file version " + std::to_string(lock.version) + " is not one of 5, 6, 7");
  const std::optional<std::string> name = text(*root, "root");
  if (!name || nodes == nullptr || !nodes->is_object()) return fail("no root or no nodes");
  lock.root = *name;
  for (const auto& [key, from_node] : nodes->items()) {
    Result<FlakeNode> node = read_node(key, from_node);
    if (!node) return std::unexpected(node.error());
    lock.nodes.push_back(std::move(*node));
  }
  return lock;
}

bool looks_like_flake_lock(std::string_view text) {
  return text.starts_with('{') && text.contains("\"nodes\"") && text.contains("\"root\"") &&
         text.contains("\"version\"");
}

} // namespace packscope::deps
