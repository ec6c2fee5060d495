// Formats by name, and the three that are plain graphs: JSON, DOT, GraphML.
//
//   JSON    {"nodes":[{"id","kind","name","version"}],"edges":[{"from","to","kind","req"}]}, a row a line
//   DOT     the Graphviz language: identifiers quoted, '"' and '\' escaped
//   GraphML graphml.graphdrawing.org: attributes declared as keys; XML 1.0 has no control characters
#include "deps/graph_export.h"

#include "base/json.h"
#include "deps/graph_walk.h"

namespace packscope::deps {

namespace {

constexpr std::pair<std::string_view, GraphFormat> kFormats[] = {{"json", GraphFormat::json},
                                                                 {"dot", GraphFormat::dot},
                                                                 {"graphml", GraphFormat::graphml},
                                                                 {"cyclonedx", GraphFormat::cyclonedx},
                                                                 {"spdx", GraphFormat::spdx}};

// Every edge, grouped by source.
void for_each_edge(Database& graph, const std::function<void(const GraphNode&, const GraphArrow&)>& visit) {
  GraphArrows arrows(graph);
  for_each_node(
      graph, [&](const GraphNode& node) { arrows.out_of(node, [&](const GraphArrow& arrow) { visit(node, arrow); }); });
}

void text_or_null(JsonWriter& json, std::string_view key, const std::string& text) {
  if (text.empty())
    json.null_field(key);
  else
    json.field(key, text);
}

std::string dot_string(std::string_view text) {
  std::string out = "\"";
  for (const char byte : valid_utf8(text)) {
    if (byte == '"' || byte == '\\') out += '\\';
    out += static_cast<unsigned char>(byte) < 0x20 ? ' ' : byte;
  }
  return out + "\"";
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char byte : valid_utf8(text)) {
    switch (byte) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    default:
      if (static_cast<unsigned char>(byte) >= 0x20)
        out += byte;
      else
        out += "\xEF\xBF\xBD";
    }
  }
  return out;
}

std::string data(std::string_view key, std::string_view text) {
  if (text.empty()) return {};
  return "<data key=\"" + std::string(key) + "\">" + xml(text) + "</data>";
}

} // namespace

std::optional<GraphFormat> parse_graph_format(std::string_view name) {
  for (const auto& [known, format] : kFormats)
    if (known == name) return format;
  return std::nullopt;
}

void export_graph(Database& graph, GraphFormat format, const ExportInfo& info, const ExportSink& write) {
  switch (format) {
  case GraphFormat::json: return export_json(graph, write);
  case GraphFormat::dot: return export_dot(graph, write);
  case GraphFormat::graphml: return export_graphml(graph, write);
  case GraphFormat::cyclonedx: return export_cyclonedx(graph, info, write);
  case GraphFormat::spdx: return export_spdx(graph, info, write);
  }
}

void export_json(Database& graph, const ExportSink& write) {
  JsonWriter json;
  const char* before = "{\"nodes\":[\n";
  const auto row = [&] {
    write(before);
    std::string line = json.end_object().take_line();
    line.pop_back();
    write(line);
    before = ",\n";
  };
  for_each_node(graph, [&](const GraphNode& node) {
    json.begin_object().field("id", node.ident).field("kind", name(node.kind)).field("name", node.name);
    text_or_null(json, "version", node.version);
    row();
  });
  if (*before == '{') write(before);
  before = "],\"edges\":[\n";
  for_each_edge(graph, [&](const GraphNode& from, const GraphArrow& to) {
    json.begin_object().field("from", from.ident).field("to", to.ident).field("kind", name(to.kind));
    text_or_null(json, "req", to.req);
    row();
  });
  if (*before == ']') write(before);
  write("]}\n");
}

void export_dot(Database& graph, const ExportSink& write) {
  constexpr std::string_view kShapes[] = {"box", "ellipse", "hexagon", "note"}; // by NodeKind
  write("digraph packscope {\n  rankdir=LR;\n");
  for_each_node(graph, [&](const GraphNode& node) {
    write("  " + dot_string(node.ident) +
          " [label=" + dot_string(node.name + (node.version.empty() ? "" : " " + node.version)) +
          ", shape=" + std::string(kShapes[static_cast<std::size_t>(node.kind)]) + "];\n");
  });
  for_each_edge(graph, [&](const GraphNode& from, const GraphArrow& to) {
    write("  " + dot_string(from.ident) + " -> " + dot_string(to.ident) +
          " [label=" + dot_string(to.link ? "from" : std::string(name(to.kind)) + (to.req.empty() ? "" : " " + to.req)) +
          (to.link ? ", style=dashed" : "") + "];\n");
  });
  write("}\n");
}

void export_graphml(Database& graph, const ExportSink& write) {
  write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
  for (const std::string_view key : {"kind", "name", "version"})
    write("  <key id=\"n-" + std::string(key) + "\" for=\"node\" attr.name=\"" + std::string(key) +
          "\" attr.type=\"string\"/>\n");
  for (const std::string_view key : {"kind", "req"})
    write("  <key id=\"e-" + std::string(key) + "\" for=\"edge\" attr.name=\"" + std::string(key) +
          "\" attr.type=\"string\"/>\n");
  write("  <graph id=\"packscope\" edgedefault=\"directed\">\n");
  for_each_node(graph, [&](const GraphNode& node) {
    write("    <node id=\"" + xml(node.ident) + "\">" + data("n-kind", name(node.kind)) + data("n-name", node.name) +
          data("n-version", node.version) + "</node>\n");
  });
  for_each_edge(graph, [&](const GraphNode& from, const GraphArrow& to) {
    write("    <edge source=\"" + xml(from.ident) + "\" target=\"" + xml(to.ident) + "\">" +
          data("e-kind", name(to.kind)) + data("e-req", to.req) + "</edge>\n");
  });
  write("  </graph>\n</graphml>\n");
}

} // namespace packscope::deps
