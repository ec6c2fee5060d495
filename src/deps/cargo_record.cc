// Cargo's records as JSON; see CONTRACT's row of pack2cargo, and cargo.h.
#include "deps/cargo.h"

#include "deps/json_field.h"

#include <algorithm>

namespace packscope::deps {
namespace {

void texts_field(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
  json.key(key).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void dependency_fields(JsonWriter& json, const CargoDependency& one) {
  json.field("name", one.name).field("package", one.package).field("req", one.req);
  json.field("kind", name(one.kind)).field("source", name(one.source));
  optional_field(json, "git", one.git);
  optional_field(json, "branch", one.branch);
  optional_field(json, "tag", one.tag);
  optional_field(json, "rev", one.rev);
  optional_field(json, "path", one.path);
  optional_field(json, "registry", one.registry);
  json.field("optional", one.optional).field("default_features", one.default_features.value_or(true));
  texts_field(json, "features", one.features);
  optional_field(json, "target", one.target);
}

void overrides_field(JsonWriter& json, std::string_view key, const std::vector<CargoOverride>& overrides) {
  if (overrides.empty()) return;
  json.key(key).begin_array();
  for (const CargoOverride& one : overrides) {
    json.begin_object().field("of", one.of);
    dependency_fields(json, one.by);
    json.end_object();
  }
  json.end_array();
}

} // namespace

std::string_view name(CargoKind kind) {
  constexpr std::string_view kNames[] = {"normal", "dev", "build"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name(CargoSource source) {
  constexpr std::string_view kNames[] = {"registry", "git", "path", "workspace"};
  return kNames[static_cast<std::size_t>(source)];
}

void write_fields(JsonWriter& json, const CargoManifest& manifest) {
  if (manifest.package) {
    json.key("package").begin_object().field("name", manifest.name);
    optional_field(json, "version", manifest.version);
    json.end_object();
  } else {
    json.null_field("package");
  }
  json.key("dependencies").begin_array();
  for (const CargoDependency& one : manifest.dependencies) {
    json.begin_object();
    dependency_fields(json, one);
    json.end_object();
  }
  json.end_array();
  if (manifest.workspace) {
    json.key("workspace").begin_object();
    texts_field(json, "members", manifest.workspace->members);
    json.end_object();
  } else {
    json.null_field("workspace");
  }
  overrides_field(json, "patch", manifest.patch);
  overrides_field(json, "replace", manifest.replace);
}

void write_fields(JsonWriter& json, const std::vector<CargoLocked>& lock) {
  json.key("lock").begin_array();
  for (const CargoLocked& one : lock) {
    json.begin_object().field("name", one.name).field("version", one.version);
    optional_field(json, "source", one.source);
    optional_field(json, "checksum", one.checksum);
    json.end_object();
  }
  json.end_array();
}

bool looks_like_cargo(std::string_view text) {
  // Every table is one that these two know, and one of them says what the file is about. Other tools' files
  // ([tool.poetry], [addresses], uv.lock's [manifest]) have others.
  constexpr std::string_view kTables[] = {"badges",
                                          "bench",
                                          "bin",
                                          "build-dependencies",
                                          "build_dependencies",
                                          "dependencies",
                                          "dev-dependencies",
                                          "dev_dependencies",
                                          "example",
                                          "features",
                                          "hints",
                                          "lib",
                                          "lints",
                                          "metadata",
                                          "package",
                                          "patch",
                                          "profile",
                                          "project",
                                          "replace",
                                          "root",
                                          "target",
                                          "test",
                                          "workspace"};
  bool known = false;
  for (std::size_t line = 0; line < text.size();) {
    if (text[line] == '[') {
      const std::size_t begin = std::min(text.find_first_not_of("[ \"'", line), text.size());
      const std::string_view table = text.substr(begin, text.find_first_of("]. \"'\n", begin) - begin);
      if (std::ranges::find(kTables, table) == std::end(kTables)) return false;
      known = known || table == "package" || table == "project" || table == "workspace";
    }
    line = std::min(text.find('\n', line), text.size() - 1) + 1;
  }
  return known;
}

} // namespace packscope::deps
