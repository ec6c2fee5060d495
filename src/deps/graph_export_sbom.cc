// The graph as a bill of materials: CycloneDX 1.5 (JSON) and SPDX 2.3 (JSON), with package urls.
//
//   CycloneDX  components, each with its ident as bom-ref; dependencies: a ref and what it dependsOn, each once
//   SPDX       packages SPDXRef-N in ident order; a document that DESCRIBES its repositories; DEPENDS_ON between
//              packages, GENERATED_FROM from a crate or a revision to the repository where it is made
//
// Neither knows requirements, so several edges between two nodes are one. Nothing but SPDX's time of creation differs
// between two runs over one graph.
#include "deps/graph_export.h"

#include "base/json.h"
#include "base/text.h"
#include "deps/graph_walk.h"

#include <algorithm>
#include <vector>

namespace packscope::deps {

namespace {

// "a, b, c" between the brackets of an array: a separator but before the first.
class Rows {
public:
  explicit Rows(const ExportSink& write) : write_(write) {}
  void row(JsonWriter& json) {
    std::string line = json.take_line();
    line.pop_back();
    write_(first_ ? "\n" : ",\n");
    write_(line);
    first_ = false;
  }

private:
  const ExportSink& write_;
  bool first_ = true;
};

// FNV-1a, for a namespace that names the content.
struct Digest {
  std::uint64_t value = 0xcbf29ce484222325;
  void add(std::string_view text) {
    for (const char byte : text) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    value = (value ^ 0xFF) * 0x100000001b3;
  }
  std::string hex() const {
    std::uint8_t bytes[8];
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    return packscope::hex(Bytes(bytes));
  }
};

// Where SPDX may fetch it from: a url that git would take, or what the standard says for "not stated".
std::string download_location(const GraphNode& node) {
  const IdentParts parts = parts_of(node.ident);
  std::string url;
  if (parts.base.starts_with("https://"))
    url = parts.base;
  else if (parts.base.starts_with("pkg:github/"))
    url = "https://github.com/" + parts.base.substr(11);
  else if (parts.base.starts_with("pkg:bitbucket/"))
    url = "https://bitbucket.org/" + parts.base.substr(14);
  else
    return "NOASSERTION";
  return "git+" + url + (parts.version.empty() ? "" : "@" + parts.version);
}

} // namespace

void export_cyclonedx(Database& graph, const ExportInfo& info, const ExportSink& write) {
  JsonWriter json;
  json.begin_object().key("tools").begin_object().key("components").begin_array().begin_object();
  json.field("type", "application").field("name", "packscope").field("version", info.version);
  json.end_object().end_array().end_object().end_object();
  std::string metadata = json.take_line();
  metadata.pop_back();
  write("{\"$schema\":\"http://cyclonedx.org/schema/"
        "bom-1.5.schema.json\",\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\","
        "\"version\":1,\"metadata\":" +
        metadata + ",\"components\":[");
  Rows components(write);
  for_each_node(graph, [&](const GraphNode& node) {
    json.begin_object()
        .field("type", node.kind == NodeKind::repo ? "application" : "library")
        .field("bom-ref", node.ident);
    json.field("name", node.name);
    if (!node.version.empty()) json.field("version", node.version);
    if (is_purl(node.ident)) json.field("purl", node.ident);
    json.key("properties").begin_array().begin_object().field("name", "packscope:kind").field("value", name(node.kind));
    json.end_object().end_array().end_object();
    components.row(json);
  });
  write("],\"dependencies\":[");
  Rows dependencies(write);
  GraphArrows arrows(graph);
  for_each_node(graph, [&](const GraphNode& node) {
    std::vector<std::string> targets; // sorted, but for the link at the end
    arrows.out_of(node, [&](const GraphArrow& arrow) {
      if (targets.empty() || targets.back() != arrow.ident) targets.push_back(arrow.ident);
    });
    // It may come from what it depends on.
    if (targets.size() > 1 && std::find(targets.begin(), targets.end() - 1, targets.back()) != targets.end() - 1)
      targets.pop_back();
    json.begin_object().field("ref", node.ident);
    if (!targets.empty()) {
      json.key("dependsOn").begin_array();
      for (const std::string& target : targets) json.value(target);
      json.end_array();
    }
    json.end_object();
    dependencies.row(json);
  });
  write("]}\n");
}

void export_spdx(Database& graph, const ExportInfo& info, const ExportSink& write) {
  std::vector<std::uint32_t> number; // by node id
  std::uint32_t count = 0;
  Digest digest;
  for_each_node(graph, [&](const GraphNode& node) {
    if (number.size() <= static_cast<std::size_t>(node.id)) number.resize(static_cast<std::size_t>(node.id) + 1);
    number[static_cast<std::size_t>(node.id)] = ++count;
    digest.add(node.ident);
  });
  const auto reference = [&](std::int64_t id) {
    return "SPDXRef-" + std::to_string(number[static_cast<std::size_t>(id)]);
  };
  JsonWriter json;
  json.begin_object()
      .field("spdxVersion", "SPDX-2.3")
      .field("dataLicense", "CC0-1.0")
      .field("SPDXID", "SPDXRef-DOCUMENT");
  json.field("name", "packscope dependency graph");
  json.field("documentNamespace", "https://packscope.invalid/spdx/" + digest.hex() + "-" + std::to_string(count));
  json.key("creationInfo").begin_object().field("created", info.created).key("creators").begin_array();
  json.value("Tool: packscope-" + info.version).end_array().end_object().end_object();
  std::string head = json.take_line();
  head.resize(head.size() - 2); // the object goes on
  write(head + ",\"packages\":[");
  Rows packages(write);
  for_each_node(graph, [&](const GraphNode& node) {
    json.begin_object().field("SPDXID", reference(node.id)).field("name", node.name);
    if (!node.version.empty()) json.field("versionInfo", node.version);
    json.field("downloadLocation", download_location(node)).field("filesAnalyzed", false);
    if (is_purl(node.ident)) {
      json.key("externalRefs").begin_array().begin_object().field("referenceCategory", "PACKAGE-MANAGER");
      json.field("referenceType", "purl").field("referenceLocator", node.ident).end_object().end_array();
    }
    json.end_object();
    packages.row(json);
  });
  write("],\"relationships\":[");
  Rows relationships(write);
  const auto relate = [&](const std::string& from, const char* type, const std::string& to) {
    json.begin_object()
        .field("spdxElementId", from)
        .field("relationshipType", type)
        .field("relatedSpdxElement", to)
        .end_object();
    relationships.row(json);
  };
  GraphArrows arrows(graph);
  for_each_node(graph, [&](const GraphNode& node) {
    if (node.kind == NodeKind::repo) relate("SPDXRef-DOCUMENT", "DESCRIBES", reference(node.id));
    std::int64_t last = 0; // edges to one node come together
    arrows.out_of(node, [&](const GraphArrow& arrow) {
      if (!arrow.link && arrow.id == last) return;
      last = arrow.id;
      relate(reference(node.id), arrow.link ? "GENERATED_FROM" : "DEPENDS_ON", reference(arrow.id));
    });
  });
  write("]}\n");
}

} // namespace packscope::deps
