// build_graph's parts: filling a graph from records or from packs, writing it out, asking it.
#pragma once

#include "deps/graph_store.h"
#include "tools/command.h"

namespace packscope::tools {

struct GraphOptions {
  ReadOptions read;
  std::string records; // a file of JSON Lines, "-": standard input; empty: PATHs
  std::string output = "-", format = "json";
  bool urls = false; // scan every text for urls, not manifests alone
};

// build_graph_records.cc: every line of a file of records. A line that is none is an error line, and the rest goes on.
Result<void> read_records(const std::string& file, deps::GraphStore& graph, Report& report);

// build_graph_read.cc: every repository under the paths, on all threads; those whose fingerprint is known are left out.
// `graph`: what was known before, or null. Calls `writable` before the first change; unchanged: it is never called.
Result<void> read_repositories(const GraphOptions& options, deps::GraphStore* before,
                               const std::function<Result<deps::GraphStore*>()>& writable, Report& report);

// build_graph_query.cc
struct GraphQuery {
  std::string database, question;
  std::vector<std::string> operands;
  std::uint64_t limit = 20;
  bool json = false;
};
void configure_query(CLI::App& app, GraphQuery& query);
int run_query(const CLI::App& app, const GraphQuery& query);

} // namespace packscope::tools
