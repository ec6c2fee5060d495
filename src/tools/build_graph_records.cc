// Records of pack2cargo, pack2nix, pack2gitmodules and pack2git, from a file or a pipe, into a graph.
#include "tools/build_graph.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iostream>

namespace packscope::tools {

namespace {

using Json = nlohmann::json;

std::string text(const Json& record, const char* key) {
  const auto found = record.find(key);
  return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The repository's name and the manifest of one line. Errors: no JSON, none of the four kinds of records.
Result<std::pair<std::string, deps::ManifestUse>> manifest_of(const std::string& line) {
  const Json record = Json::parse(line, nullptr, false);
  if (!record.is_object()) return fail("no JSON object");
  const std::optional<deps::ManifestKind> kind = deps::kind_of(record);
  if (!kind) return fail("no record of pack2cargo, pack2nix, pack2gitmodules or pack2git");
  std::string repository = text(record, "repo");
  if (repository.empty()) repository = text(record, "pack");
  if (repository.empty()) return fail("names no repository (\"repo\") and no pack");
  deps::ManifestUse use = {.key = {.object = text(record, "object"), .kind = *kind, .context = {}},
                           .path = text(record, "path"),
                           .facts = deps::facts_of(*kind, record),
                           .error = {}};
  // Inherited fields, gitlinks and origins come from around the object: facts are shared where they are the same. What has
  // no id shares none.
  const std::string body = use.key.object.empty() ? line
                           : *kind == deps::ManifestKind::gitmodules
                               ? record["submodules"].dump(-1, ' ', false, Json::error_handler_t::replace)
                           : *kind == deps::ManifestKind::cargo
                               ? record["dependencies"].dump(-1, ' ', false, Json::error_handler_t::replace)
                           : *kind == deps::ManifestKind::urls ? use.facts->mentions.front()
                                                               : std::string();
  if (!body.empty()) use.key.context = std::to_string(std::hash<std::string>()(body));
  return std::pair(std::move(repository), std::move(use));
}

} // namespace

Result<void> read_records(const std::string& file, deps::GraphStore& graph, Report& report) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) return fail_errno("open", file);
  }
  std::istream& in = file == "-" ? std::cin : opened;
  const std::string title = file == "-" ? "standard input" : file;
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    const Result<std::pair<std::string, deps::ManifestUse>> found = manifest_of(line);
    if (!found)
      report.error({"line " + std::to_string(number) + ": " + found.error().what, title});
    else
      graph.add(found->first, found->second);
  }
  return {};
}

} // namespace packscope::tools
