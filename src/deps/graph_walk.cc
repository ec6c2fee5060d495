// SQL of the walks; see graph_walk.h.
#include "deps/graph_walk.h"

#include "deps/url.h"

namespace packscope::deps {

namespace {

#define NODE_COLUMNS                                                                                                   \
  "n.id, n.ident, n.kind, (select min(name) from repository r where r.node = n.id), "                                  \
  "(select r.node from link l join repository r on r.id = l.repository where l.node = n.id) from node n "

GraphNode node_of(Statement& row) {
  GraphNode node = {.id = row.integer(0), .ident = row.text(1), .kind = static_cast<NodeKind>(row.integer(2))};
  IdentParts parts = parts_of(node.ident);
  node.name = row.is_null(3) ? std::move(parts.name) : row.text(3);
  node.version = std::move(parts.version);
  node.link = row.is_null(4) ? 0 : row.integer(4);
  return node;
}

GraphArrow arrow_of(Statement& row, bool link) {
  return {.ident = row.text(0),
          .id = row.integer(1),
          .kind = static_cast<EdgeKind>(row.integer(2)),
          .req = row.text(3),
          .link = link};
}

} // namespace

EdgeKind kind_of_link(NodeKind from) {
  return from == NodeKind::crate ? EdgeKind::cargo : from == NodeKind::flake ? EdgeKind::flake : EdgeKind::lock;
}

void for_each_node(Database& graph, const std::function<void(const GraphNode&)>& visit) {
  Statement rows = graph.prepare("select " NODE_COLUMNS
                                 "where n.kind < 3 or exists (select 1 from fact where node = n.id) order by n.ident");
  while (rows.step()) visit(node_of(rows));
}

GraphArrows::GraphArrows(Database& graph)
    : out_(graph.prepare(
          "select distinct n.ident, n.id, f.kind, f.req from repository r join holds h on h.repository = r.id "
          "join fact f on f.manifest = h.manifest join node n on n.id = f.node where r.node = ? order by 1, 3, 4")),
      in_(graph.prepare(
          "select distinct n.ident, n.id, f.kind, f.req from fact f join holds h on h.manifest = f.manifest "
          "join repository r on r.id = h.repository join node n on n.id = r.node where f.node = ? order by 1, 3, 4")),
      from_(graph.prepare("select n.ident, n.id, n.kind, '' from repository r join link l on l.repository = r.id "
                          "join node n on n.id = l.node where r.node = ? order by 1")),
      node_(graph.prepare("select " NODE_COLUMNS "where n.id = ?")) {}

void GraphArrows::out_of(const GraphNode& node, const std::function<void(const GraphArrow&)>& visit) {
  if (node.kind == NodeKind::repo) {
    out_.bind(node.id);
    while (out_.step()) visit(arrow_of(out_, false));
    out_.reset();
  }
  if (node.link == 0 || node.link == node.id) return;
  const std::optional<GraphNode> to = this->node(node.link);
  if (to) visit({.ident = to->ident, .id = to->id, .kind = kind_of_link(node.kind), .req = {}, .link = true});
}

void GraphArrows::into(const GraphNode& node, const std::function<void(const GraphArrow&)>& visit) {
  in_.bind(node.id);
  while (in_.step()) visit(arrow_of(in_, false));
  in_.reset();
  if (node.kind != NodeKind::repo) return;
  from_.bind(node.id);
  while (from_.step()) {
    GraphArrow arrow = arrow_of(from_, true);
    if (arrow.id == node.id) continue;
    arrow.kind = kind_of_link(static_cast<NodeKind>(from_.integer(2)));
    visit(arrow);
  }
  from_.reset();
}

std::optional<GraphNode> GraphArrows::node(std::int64_t id) {
  node_.bind(id);
  std::optional<GraphNode> found;
  if (node_.step()) found = node_of(node_);
  node_.reset();
  return found;
}

std::optional<GraphNode> find_node(Database& graph, const std::string& asked) {
  std::vector<std::string> idents = {asked};
  if (const std::optional<std::string> url = normalize_url(asked)) idents.push_back(purl_of(*url));
  if (asked.starts_with("pkg:github/") || asked.starts_with("pkg:bitbucket/")) {
    std::string lower = asked; // types whose names know no case
    for (char& byte : lower)
      if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
    idents.push_back(lower);
  }
  idents.push_back("repo:" + asked);
  for (const std::string& ident : idents) {
    Statement row = graph.prepare("select " NODE_COLUMNS "where n.ident = ?");
    row.bind(std::string_view(ident));
    if (row.step()) return node_of(row);
  }
  Statement row =
      graph.prepare("select " NODE_COLUMNS "where n.id in (select node from repository where name = ?) limit 1");
  row.bind(std::string_view(asked));
  if (row.step()) return node_of(row);
  return std::nullopt;
}

} // namespace packscope::deps
