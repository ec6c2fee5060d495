// Nodes and edges in the order in which every export writes them: by ident, an edge by its source, target, kind, req.
// Rows come straight from SQLite: memory does not grow with the graph.
#pragma once

#include "base/database.h"
#include "deps/graph.h"

#include <functional>

namespace packscope::deps {

struct GraphNode {
  std::int64_t id = 0; // in the database; not the same in a graph made anew
  std::string ident;
  NodeKind kind = NodeKind::git;
  std::string name, version; // a repository: as records call it; else what the ident says
  std::int64_t link = 0;     // the node of the repository that it comes from; 0: not in the set
};
// `other` is the far end; a link's edge has no req and the kind of what it leads from.
struct GraphArrow {
  std::string ident;
  std::int64_t id = 0;
  EdgeKind kind = EdgeKind::cargo;
  std::string req;
  bool link = false;
};

// Nodes that are repositories or that something depends on; a url that is only mentioned is none.
void for_each_node(Database& graph, const std::function<void(const GraphNode&)>& visit);

class GraphArrows { // prepared once
public:
  explicit GraphArrows(Database& graph);
  // What `node` depends on: its edges, then where it comes from.
  void out_of(const GraphNode& node, const std::function<void(const GraphArrow&)>& visit);
  // What depends on `node`; for a repository also what comes from it.
  void into(const GraphNode& node, const std::function<void(const GraphArrow&)>& visit);
  std::optional<GraphNode> node(std::int64_t id);

private:
  Statement out_, in_, from_, node_;
};

EdgeKind kind_of_link(NodeKind from);

// By ident; by a url or path in any spelling; by a repository's name. nullopt: nothing of that name.
std::optional<GraphNode> find_node(Database& graph, const std::string& asked);

} // namespace packscope::deps
