// The walk over the graph: first what leads nowhere is cut off, then two passes over the commits, as PathWalk does them
// over the trees themselves (scope.cc).
#include "pack/tree_graph.h"

#include <algorithm>
#include <bit>

namespace packscope::pack {

// Numbers by a pair of numbers; open addressing, at most half full.
class NumberMap {
public:
  std::uint32_t& operator()(std::uint32_t a, std::uint32_t b) { // 0: new
    const std::uint64_t key = (std::uint64_t{a} << 32 | b) + 1; // 0 marks a free slot; kNone is no slot
    if (used_ * 2 >= rows_.size()) grow();
    Row& row = rows_[place(key)];
    used_ += row.key != key;
    row.key = key;
    return row.number;
  }
  std::size_t size() const { return used_; }

private:
  struct Row {
    std::uint64_t key = 0;
    std::uint32_t number = 0;
  };
  std::size_t place(std::uint64_t key) const {
    std::size_t at = key * 0x9e3779b97f4a7c15u >> shift_; // 2^64 / golden ratio
    while (rows_[at].key != 0 && rows_[at].key != key) at = (at + 1) & (rows_.size() - 1);
    return at;
  }
  void grow() {
    std::vector<Row> rows(rows_.empty() ? 4096 : rows_.size() * 2);
    shift_ = 65 - static_cast<unsigned>(std::bit_width(rows.size()));
    rows.swap(rows_);
    for (const Row& row : rows)
      if (row.key != 0) rows_[place(row.key)] = row;
  }
  std::vector<Row> rows_;
  std::size_t used_ = 0;
  unsigned shift_ = 0; // leaves as many bits as number the rows
};

// Leaves of the tree and all below it only the entries that lead to a wanted file or to a tree that is not here.
// False: something is broken.
bool TreeGraph::prune(std::uint32_t root) {
  constexpr std::size_t kMaxDepth = 4096; // as walk_tree()'s
  struct Level {
    std::uint32_t tree;
    std::uint32_t next = 0, kept = 0; // of its edges
  };
  if ((root & kAbsent) != 0 || trees_[root].known == kDone) return true;
  std::vector<Level> path;
  const auto enter = [&](std::uint32_t tree) {
    if (trees_[tree].first == kNone || trees_[tree].known != kOpen || path.size() == kMaxDepth) return false;
    trees_[tree].known = kOnPath;
    path.push_back({tree});
    return true;
  };
  if (!enter(root)) return false;
  while (!path.empty()) {
    Level& level = path.back();
    Tree& tree = trees_[level.tree];
    const std::span<Edge> all = edges(tree);
    if (level.next == all.size()) {
      tree.count = level.kept & 0x3FFFFFFF;
      tree.known = kDone;
      path.pop_back();
      continue;
    }
    const Edge& edge = all[level.next];
    bool keep = true;
    if (is_tree(edge.mode) && (edge.child & kAbsent) == 0) {
      if (trees_[edge.child].known != kDone) {
        if (!enter(edge.child)) return false;
        continue; // and come back to this edge
      }
      keep = trees_[edge.child].count > 0;
    }
    if (keep) all[level.kept++] = edge;
    ++level.next;
  }
  return true;
}

struct TreeGraph::Walk {
  struct Found {
    std::uint32_t child, path, mode, first, last; // first, last: numbers of commits
    bool tree;                                    // that is not here
  };
  struct Level {
    std::uint32_t tree, path, next = 0;
  };
  static constexpr std::uint32_t kVisited = std::uint32_t{1} << 31;

  Walk(TreeGraph& walked, std::size_t most_pairs) : graph(walked), most(most_pairs) {
    paths.push_back({0, 0, 0});
    last.push_back(kNone);
  }

  TreeGraph& graph;
  const std::size_t most;
  struct Path {
    std::uint32_t parent, name;
    std::size_t length;
  };
  std::vector<Path> paths; // the first: the root's
  std::vector<std::uint32_t> last; // by path: the child that this pass met there last, which is mostly met again
  NumberMap path_numbers, pairs;
  std::vector<Level> stack;
  std::vector<Found> found;

  std::uint32_t below(std::uint32_t path, std::uint32_t name) {
    std::uint32_t& number = path_numbers(path, name);
    if (number == 0) {
      number = static_cast<std::uint32_t>(paths.size());
      last.push_back(kNone);
      paths.push_back({path, name, paths[path].length + (path != 0) + graph.names_[name].size()});
    }
    return number;
  }
  std::string text(std::uint32_t path) const {
    std::string out(paths[path].length, '/');
    for (std::size_t end = out.size(); path != 0; path = paths[path].parent) {
      const std::string& name = graph.names_[paths[path].name];
      end -= name.size();
      out.replace(end, name.size(), name);
      if (end > 0) --end;
    }
    return out;
  }

  // Every pair of the commit's tree that `fresh` says is new. False: something is unusual.
  template <class Fresh>
  bool tree(std::uint32_t root, Fresh fresh) {
    constexpr std::size_t kMaxPath = std::size_t{1} << 15; // as walk_tree()'s
    if (!fresh(root, 0u, Edge{0, root, 0040000, 0})) return true;
    if ((root & kAbsent) != 0) return true;
    stack.assign(1, {root, 0});
    while (!stack.empty()) {
      Level& level = stack.back();
      const std::span<const Edge> all = graph.edges(graph.trees_[level.tree]);
      if (level.next == all.size()) {
        stack.pop_back();
        continue;
      }
      const Edge& edge = all[level.next++];
      const std::uint32_t path = below(level.path, edge.name);
      if (last[path] == edge.child) continue;
      last[path] = edge.child;
      if (paths[path].length > kMaxPath || pairs.size() >= most) return false;
      if (fresh(edge.child, path, edge) && is_tree(edge.mode) && (edge.child & kAbsent) == 0)
        stack.push_back({edge.child, path});
    }
    return true;
  }

  bool commits(const std::vector<std::uint32_t>& roots, bool name_commits) {
    for (std::size_t i = name_commits ? roots.size() : 0; i-- > 0;) {
      const std::uint32_t number = static_cast<std::uint32_t>(i + 1);
      if (!tree(roots[i], [&](std::uint32_t child, std::uint32_t path, const Edge&) {
            std::uint32_t& known = pairs(child, path);
            return known == 0 && (known = number) != 0;
          }))
        return false;
    }
    std::ranges::fill(last, kNone);
    for (std::uint32_t i = 0; i < roots.size(); ++i)
      if (!tree(roots[i], [&](std::uint32_t child, std::uint32_t path, const Edge& edge) {
            std::uint32_t& number = pairs(child, path);
            if ((number & kVisited) != 0) return false;
            const bool absent_tree = is_tree(edge.mode) && (child & kAbsent) != 0;
            if (!is_tree(edge.mode) || absent_tree) found.push_back({child, path, edge.mode, i, number, absent_tree});
            number |= kVisited;
            return true;
          }))
        return false;
    return true;
  }
};

bool TreeGraph::history(std::span<const std::uint32_t> order, bool name_commits, std::size_t most_pairs,
                        const Visitor& visitor) {
  std::vector<std::uint32_t> roots;
  for (const std::uint32_t row : order) {
    roots.push_back(commits_[row].tree);
    if (roots.back() == kNone || !prune(roots.back())) return false;
  }
  Walk walk(*this, most_pairs);
  if (!walk.commits(roots, name_commits)) return false;
  for (const Walk::Found& one : walk.found) {
    const ObjectId id = id_of(one.child);
    BlobPath blob = {.id = id, .at = {}, .path = walk.text(one.path), .mode = one.mode,
                     .root = id_of(roots[one.first])};
    if ((one.child & kAbsent) != 0) {
      visitor.lack(one.tree ? "tree" : "blob", id, blob.path);
      continue;
    }
    if (one.last != 0) {
      blob.first_commit = id_of(commits_[order[one.first]].slot);
      blob.last_commit = id_of(commits_[order[one.last - 1]].slot);
      blob.last_place = one.last - 1;
    }
    visitor.visit(blob);
  }
  return true;
}

} // namespace packscope::pack
