// The records of flakes as JSON; see CONTRACT's row of pack2nix, and flake.h.
#include "deps/flake.h"

#include "deps/json_field.h"

namespace packscope::deps {
namespace {

void reference_field(JsonWriter& json, const FlakeReference& reference) {
  json.key("original").begin_object();
  for (const auto& [key, value] : reference)
    std::visit([&, name = std::string_view(key)](const auto& one) { json.field(name, one); }, value);
  json.end_object();
}

void inputs_field(JsonWriter& json, const std::vector<FlakeInput>& inputs);

// What an input overrides of its own inputs: only what is written.
void override_fields(JsonWriter& json, const FlakeInput& input) {
  json.key(input.name).begin_object();
  if (input.url) json.field("url", *input.url);
  if (!input.original.empty()) {
    optional_field(json, "type", input.type());
    reference_field(json, input.original);
  }
  if (input.flake) json.field("flake", *input.flake);
  if (input.follows) json.field("follows", *input.follows);
  if (!input.inputs.empty()) inputs_field(json, input.inputs);
  json.end_object();
}

void inputs_field(JsonWriter& json, const std::vector<FlakeInput>& inputs) {
  json.key("inputs").begin_object();
  for (const FlakeInput& input : inputs) override_fields(json, input);
  json.end_object();
}

void edges_field(JsonWriter& json, const std::vector<FlakeNode::Edge>& edges) {
  json.key("inputs").begin_object();
  for (const FlakeNode::Edge& edge : edges) {
    json.key(edge.name);
    if (edge.node) {
      json.value(*edge.node);
      continue;
    }
    json.begin_array();
    for (const std::string& part : edge.follows) json.value(part);
    json.end_array();
  }
  json.end_object();
}

} // namespace

void write_fields(JsonWriter& json, const Flake& flake) {
  optional_field(json, "description", flake.description);
  json.key("inputs").begin_array();
  for (const FlakeInput& input : flake.inputs) {
    json.begin_object().field("name", input.name);
    optional_field(json, "url", input.url);
    optional_field(json, "type", input.type());
    json.field("flake", input.flake.value_or(true));
    optional_field(json, "follows", input.follows);
    inputs_field(json, input.inputs);
    reference_field(json, input.original);
    json.end_object();
  }
  json.end_array();
}

void write_fields(JsonWriter& json, const FlakeLock& lock) {
  json.field("root", lock.root).key("nodes").begin_array();
  for (const FlakeNode& node : lock.nodes) {
    json.begin_object().field("name", node.name);
    optional_field(json, "type", node.type);
    optional_field(json, "owner", node.owner);
    optional_field(json, "repo", node.repo);
    optional_field(json, "url", node.url);
    optional_field(json, "ref", node.ref);
    optional_field(json, "rev", node.rev);
    optional_field(json, "narHash", node.nar_hash);
    if (node.last_modified)
      json.field("lastModified", *node.last_modified);
    else
      json.null_field("lastModified");
    for (const auto& [key, text] : {std::pair("host", &node.host), std::pair("dir", &node.dir),
                                    std::pair("path", &node.path), std::pair("id", &node.id)})
      if (*text) json.field(key, **text);
    if (!node.flake) json.field("flake", false);
    edges_field(json, node.inputs);
    json.end_object();
  }
  json.end_array();
}

} // namespace packscope::deps
