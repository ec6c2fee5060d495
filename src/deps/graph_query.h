// Questions to a graph that need it whole: paths, cycles, what most depends on. Nodes and edges as numbers, 8 bytes an
// edge. (Who depends on one node, and on what it depends, is a walk: graph_walk.h.)
#pragma once

#include "deps/graph_walk.h"

#include <span>
#include <vector>

namespace packscope::deps {

class GraphNumbers {
public:
  // A repository's edges to what it makes itself (a workspace's path dependencies) are no way out and left away.
  // Errors: the file's, and rows that name no node.
  static Result<GraphNumbers> read(Database& graph);

  // A shortest way along edges, both ends included; empty: none. Of several the one over the lowest idents.
  std::vector<std::int64_t> path(std::int64_t from, std::int64_t to) const;
  // Sets of nodes of which each reaches each other (Tarjan 1972), two or more, the largest first.
  std::vector<std::vector<std::int64_t>> cycles() const;
  // (node, how many repositories depend on it by an edge), the most first, at most `limit`.
  std::vector<std::pair<std::int64_t, std::uint64_t>> top(std::size_t limit) const;

private:
  GraphNumbers() = default;
  bool fill(Database& graph);
  std::span<const std::uint32_t> out(std::uint32_t node) const {
    return std::span(targets_).subspan(first_[node], first_[node + 1] - first_[node]);
  }
  std::vector<std::int64_t> ids_; // number -> node id; numbers are in the order of idents
  std::vector<std::uint32_t> first_, targets_;
  std::vector<std::uint32_t> dependents_; // repositories, by number
};

} // namespace packscope::deps
