// The commits of a history in topological order: Kahn's algorithm over numbers, the oldest ready commit
// first.
#include "pack/repository_state.h"

#include <queue>
#include <tuple>
#include <unordered_map>

namespace packscope::pack {

Result<std::vector<CommitTree>> history_of(Store& store, const std::vector<Ref>& refs,
                                           const std::unordered_set<ObjectId, ObjectIdHash>& shallow,
                                           const HistoryVisitor& visitor) {
  const OnError& error = visitor.error;
  const auto read = [&](const ObjectId& id) -> ObjectPtr { // null: was reported
    const std::optional<Location> at = store.find(id);
    if (!at) return visitor.missing(id), nullptr;
    const Outcome<ObjectPtr> object = store.read(*at);
    if (object) return *object;
    return error(store.error(*at, object.error())), nullptr;
  };
  const auto malformed = [&](const ObjectId& id, Fault fault) {
    const Location at = *store.find(id);
    Error broken = store.error(at, {fault, store.offset_of(at)});
    broken.what += ": " + id.hex();
    error(broken);
  };
  struct Node {
    CommitTree names;
    std::int64_t time = 0;
    std::uint32_t waits_for = 0; // parents not yet listed
    std::vector<std::uint32_t> children;
    bool read = false;
  };
  std::vector<Node> nodes;
  std::unordered_map<ObjectId, std::uint32_t, ObjectIdHash> numbers;
  const auto number_of = [&](const ObjectId& id) {
    const auto [found, fresh] = numbers.try_emplace(id, static_cast<std::uint32_t>(nodes.size()));
    if (fresh) nodes.push_back({.names = {id, {}}});
    return found->second;
  };

  // A ref may name a tag, or a tree or blob, which have no history.
  std::unordered_set<ObjectId, ObjectIdHash> peeled;
  for (const Ref& ref : refs) {
    ObjectId current = ref.target;
    while (peeled.insert(current).second) {
      const ObjectPtr object = read(current);
      if (object == nullptr) break;
      if (object->type == ObjectType::commit) number_of(current);
      if (object->type != ObjectType::tag) break;
      const std::optional<ObjectId> target = parse_tag(object->data);
      if (!target) {
        malformed(current, Fault::tag);
        break;
      }
      current = *target;
    }
  }

  for (std::uint32_t i = 0; i < nodes.size(); ++i) { // grows while it is walked
    const ObjectId id = nodes[i].names.commit;
    const ObjectPtr object = read(id);
    if (object == nullptr) continue;
    const std::optional<Commit> commit = object->type == ObjectType::commit ? parse_commit(object->data) : std::nullopt;
    if (!commit) {
      malformed(id, Fault::commit);
      continue;
    }
    nodes[i].read = true;
    nodes[i].names.tree = commit->tree;
    nodes[i].time = commit->time;
    if (shallow.contains(id)) continue;
    for (const ObjectId& parent : commit->parents) {
      const std::uint32_t number = number_of(parent);
      nodes[number].children.push_back(i);
      ++nodes[i].waits_for;
    }
  }

  const auto later = [&nodes](std::uint32_t a, std::uint32_t b) {
    return std::tie(nodes[a].time, nodes[a].names.commit) > std::tie(nodes[b].time, nodes[b].names.commit);
  };
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> ready(later);
  for (std::uint32_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].waits_for == 0) ready.push(i);
  std::vector<CommitTree> order;
  while (!ready.empty()) {
    const std::uint32_t next = ready.top();
    ready.pop();
    if (nodes[next].read) order.push_back(nodes[next].names);
    for (const std::uint32_t child : nodes[next].children)
      if (--nodes[child].waits_for == 0) ready.push(child);
  }
  return order; // commits in a circle, which only a lying pack has, are not listed
}

} // namespace packscope::pack
