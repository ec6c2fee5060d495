// Breadth first, Tarjan, counting; see graph_query.h. Nothing recurses: a chain may be as long as the graph.
#include "deps/graph_query.h"

#include <algorithm>
#include <unordered_map>

namespace packscope::deps {

Result<GraphNumbers> GraphNumbers::read(Database& graph) {
  GraphNumbers numbers;
  if (!numbers.fill(graph)) return fail("graph: a row names a node that is not there");
  if (const Result<void> good = graph.status(); !good) return std::unexpected(good.error());
  return numbers;
}

bool GraphNumbers::fill(Database& graph) {
  std::unordered_map<std::int64_t, std::uint32_t> number; // by node id; a foreign file may hold any
  Statement nodes = graph.prepare("select id from node order by ident");
  while (nodes.step()) {
    number.emplace(nodes.integer(0), static_cast<std::uint32_t>(ids_.size()));
    ids_.push_back(nodes.integer(0));
  }
  constexpr std::uint32_t kNone = UINT32_MAX;
  const auto of = [&](std::int64_t id) {
    const auto found = number.find(id);
    return found == number.end() ? kNone : found->second;
  };
  std::vector<std::uint32_t> made_by(ids_.size(), kNone);
  Statement links = graph.prepare("select l.node, r.node from link l join repository r on r.id = l.repository");
  while (links.step()) {
    const std::uint32_t node = of(links.integer(0)), maker = of(links.integer(1));
    if (node == kNone || maker == kNone) return false;
    made_by[node] = maker;
  }

  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  Statement rows = graph.prepare("select r.node, f.node from repository r join holds h on h.repository = r.id "
                                 "join fact f on f.manifest = h.manifest");
  while (rows.step()) {
    const std::uint32_t from = of(rows.integer(0)), to = of(rows.integer(1));
    if (from == kNone || to == kNone) return false;
    if (from != to && made_by[to] != from) edges.emplace_back(from, to);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  dependents_.resize(ids_.size());
  for (const auto& [from, to] : edges) ++dependents_[to];
  const std::size_t plain = edges.size();
  for (std::uint32_t node = 0; node < made_by.size(); ++node)
    if (made_by[node] != kNone && made_by[node] != node) edges.emplace_back(node, made_by[node]);
  std::inplace_merge(edges.begin(), edges.begin() + static_cast<std::ptrdiff_t>(plain), edges.end());

  first_.resize(ids_.size() + 1);
  for (const auto& [from, to] : edges) {
    ++first_[from + 1];
    targets_.push_back(to);
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  return true;
}

std::vector<std::int64_t> GraphNumbers::path(std::int64_t from, std::int64_t to) const {
  const auto number = [&](std::int64_t id) {
    return static_cast<std::uint32_t>(std::find(ids_.begin(), ids_.end(), id) - ids_.begin());
  };
  const std::uint32_t start = number(from), goal = number(to), none = static_cast<std::uint32_t>(ids_.size());
  if (start == none || goal == none) return {};
  if (start == goal) return {from};
  std::vector<std::uint32_t> came_from(ids_.size(), none), queue = {start};
  for (std::size_t next = 0; next < queue.size() && came_from[goal] == none; ++next)
    for (const std::uint32_t target : out(queue[next]))
      if (target != start && came_from[target] == none) {
        came_from[target] = queue[next];
        queue.push_back(target);
      }
  if (came_from[goal] == none) return {};
  std::vector<std::int64_t> way = {to};
  for (std::uint32_t at = goal; at != start;) way.push_back(ids_[at = came_from[at]]);
  std::reverse(way.begin(), way.end());
  return way;
}

std::vector<std::vector<std::int64_t>> GraphNumbers::cycles() const {
  const std::uint32_t size = static_cast<std::uint32_t>(ids_.size());
  constexpr std::uint32_t kUnseen = UINT32_MAX;
  struct Frame {
    std::uint32_t node, next; // position in targets_
  };
  std::vector<std::uint32_t> index(size, kUnseen), low(size), stack;
  std::vector<bool> on_stack(size);
  std::vector<Frame> frames;
  std::vector<std::vector<std::int64_t>> found;
  std::uint32_t count = 0;
  const auto enter = [&](std::uint32_t node) {
    index[node] = low[node] = count++;
    stack.push_back(node);
    on_stack[node] = true;
    frames.push_back({node, first_[node]});
  };
  for (std::uint32_t root = 0; root < size; ++root) {
    if (index[root] != kUnseen) continue;
    for (enter(root); !frames.empty();) {
      Frame& frame = frames.back();
      if (frame.next < first_[frame.node + 1]) {
        const std::uint32_t node = frame.node, target = targets_[frame.next++];
        if (index[target] == kUnseen)
          enter(target);
        else if (on_stack[target])
          low[node] = std::min(low[node], index[target]);
        continue;
      }
      const std::uint32_t node = frame.node;
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
      if (low[node] != index[node]) continue;
      std::vector<std::uint32_t> members;
      std::uint32_t member;
      do {
        members.push_back(member = stack.back());
        stack.pop_back();
        on_stack[member] = false;
      } while (member != node);
      if (members.size() < 2) continue;
      std::sort(members.begin(), members.end());
      std::vector<std::int64_t>& ids = found.emplace_back();
      for (const std::uint32_t one : members) ids.push_back(ids_[one]);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return found;
}

std::vector<std::pair<std::int64_t, std::uint64_t>> GraphNumbers::top(std::size_t limit) const {
  std::vector<std::uint32_t> order;
  for (std::uint32_t node = 0; node < ids_.size(); ++node)
    if (dependents_[node] > 0) order.push_back(node);
  std::stable_sort(order.begin(), order.end(),
                   [this](std::uint32_t a, std::uint32_t b) { return dependents_[a] > dependents_[b]; });
  order.resize(std::min(order.size(), limit));
  std::vector<std::pair<std::int64_t, std::uint64_t>> rows;
  for (const std::uint32_t node : order) rows.emplace_back(ids_[node], dependents_[node]);
  return rows;
}

} // namespace packscope::deps
