// The graph in the formats that other tools read. Each writer streams; each is in a file of its own.
#pragma once

#include "base/database.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace packscope::deps {

enum class GraphFormat : std::uint8_t { json, dot, graphml, cyclonedx, spdx };
std::optional<GraphFormat> parse_graph_format(std::string_view name);

struct ExportInfo {
  std::string version; // of this program
  std::string created; // "2026-01-31T12:00:00Z", for SPDX, which wants one
};
using ExportSink = std::function<void(std::string_view)>;

void export_graph(Database& graph, GraphFormat format, const ExportInfo& info, const ExportSink& write);

// One per format.
void export_json(Database& graph, const ExportSink& write);
void export_dot(Database& graph, const ExportSink& write);
void export_graphml(Database& graph, const ExportSink& write);
void export_cyclonedx(Database& graph, const ExportInfo& info, const ExportSink& write);
void export_spdx(Database& graph, const ExportInfo& info, const ExportSink& write);

} // namespace packscope::deps
