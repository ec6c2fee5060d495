// The commits of a history over the graph, as history_of() lists them over the objects themselves, but by numbers.
#include "pack/tree_graph.h"

#include <queue>

namespace packscope::pack {

std::optional<std::vector<std::uint32_t>> TreeGraph::order(const std::vector<Ref>& refs, const Shallow& shallow) const {
  std::vector<std::uint32_t> reached; // rows
  std::vector<bool> met(commits_.size());
  const auto meet = [&](std::uint32_t slot) { // the row; kNone: no commit that was read
    const std::uint32_t row = slot != kNone && trees_[slot].known == kCommit ? trees_[slot].first : kNone;
    if (row != kNone && !met[row]) {
      met[row] = true;
      reached.push_back(row);
    }
    return row;
  };
  for (const Ref& ref : refs) { // may name a tag, or a tree or blob, which have no history
    constexpr int kMostTags = 1000;
    ObjectId current = ref.target;
    for (int depth = 0; meet(slot_of(current)) == kNone; ++depth) {
      const std::optional<Location> at = store_->find(current);
      const ObjectPtr object = at ? store_->read(*at).value_or(nullptr) : nullptr;
      if (object == nullptr || object->type == ObjectType::commit || depth == kMostTags) return {};
      if (object->type != ObjectType::tag) break;
      const std::optional<ObjectId> target = parse_tag(object->data);
      if (!target) return {};
      current = *target;
    }
  }

  std::vector<std::uint32_t> waits(commits_.size()); // for so many parents
  std::vector<std::uint32_t> first(commits_.size() + 1); // child in `children`, once they are counted
  const auto parents_of = [&](std::uint32_t row) {
    const bool cut = !shallow.empty() && shallow.contains(id_of(commits_[row].slot));
    return std::span(parents_).subspan(commits_[row].first_parent, cut ? 0 : commits_[row].parents);
  };
  for (std::size_t i = 0; i < reached.size(); ++i) // grows while it is walked
    for (const std::uint32_t parent : parents_of(reached[i])) {
      const std::uint32_t row = meet(parent);
      if (row == kNone) return {};
      ++waits[reached[i]];
      ++first[row + 1];
    }
  for (std::size_t row = 1; row < first.size(); ++row) first[row] += first[row - 1];
  std::vector<std::uint32_t> children(first.back()), next(first.begin(), first.end() - 1);
  for (const std::uint32_t row : reached)
    for (const std::uint32_t parent : parents_of(row)) children[next[trees_[parent].first]++] = row;

  const auto later = [this](std::uint32_t a, std::uint32_t b) {
    if (commits_[a].time != commits_[b].time) return commits_[a].time > commits_[b].time;
    return id_of(commits_[a].slot) > id_of(commits_[b].slot);
  };
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> ready(later);
  for (const std::uint32_t row : reached)
    if (waits[row] == 0) ready.push(row);
  std::vector<std::uint32_t> listed;
  listed.reserve(reached.size());
  while (!ready.empty()) {
    const std::uint32_t row = ready.top();
    ready.pop();
    listed.push_back(row);
    for (std::uint32_t child = first[row]; child < first[row + 1]; ++child)
      if (--waits[children[child]] == 0) ready.push(children[child]);
  }
  return listed; // commits in a circle, which only a lying pack has, are not listed
}

} // namespace packscope::pack
