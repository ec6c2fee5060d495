// Reads the graph; see tree_graph.h. The walk over it is in tree_graph_walk.cc.
#include "pack/tree_graph.h"

#include "base/on_threads.h"
#include "pack/resolve.h"
#include "pack/tree_difference.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <tuple>
#include <utility>

namespace packscope::pack {

class TreeGraphReader {
public:
  TreeGraphReader(TreeGraph& graph, std::span<const std::string> names, std::uint64_t memory)
      : graph_(graph), store_(*graph.store_), wanted_(names), most_edges_(memory / sizeof(TreeGraph::Edge)) {
    static std::atomic<std::uint64_t> made = 0;
    number_ = ++made;
    graph_.chunks_.reserve(kMostChunks); // they are read while others are added
  }

  bool run(unsigned threads, std::uint64_t memory) {
    for (std::uint32_t pack = 0; pack < store_.packs().size() && !full_; ++pack) read_pack(pack, threads, memory);
    for (std::uint32_t index = 0; index < store_.loose_count() && !full_; ++index) read_loose({kLoose, index});
    if (!full_) link(threads);
    return !full_;
  }

private:
  using Edge = TreeGraph::Edge;
  using Tree = TreeGraph::Tree;
  static constexpr std::uint32_t kChunk = std::uint32_t{1} << 16; // edges
  static constexpr std::size_t kMostChunks = 0xFFFF;              // kNone is no place

  // What one thread has read, which no other looks at: a tree's base is read by the thread that reads the tree.
  struct Part {
    std::vector<ObjectId> ids; // what edges and commits lead to, each time one does; link() makes slots of their places here
    std::vector<TreeGraph::CommitRow> commits;
    std::vector<std::uint32_t> parents;
    struct Chunk {
      Edge* edges;
      std::uint32_t number; // in graph_.chunks_
      std::size_t room, used;
    };
    std::vector<Chunk> chunks;
    std::unordered_map<std::string, std::uint32_t> names;
    std::size_t counted = 0; // of ids, in used_
  };
  Part& mine() {
    thread_local std::uint64_t whose = 0;
    thread_local Part* part = nullptr;
    if (std::exchange(whose, number_) != number_) {
      const std::lock_guard guard(lock_);
      part = &parts_.emplace_back();
    }
    return *part;
  }

  std::uint32_t slot(std::uint32_t pack, std::uint32_t entry) const {
    return static_cast<std::uint32_t>(graph_.first_slot_[pack] + entry);
  }

  void read_pack(std::uint32_t number, unsigned threads, std::uint64_t memory) {
    const PackFile& pack = store_.packs()[number];
    resolve_pack(pack,
                 {.threads = threads, .memory = memory, .types = {ObjectType::tree, ObjectType::commit},
                  .external = [this](const ObjectId& id) -> ObjectPtr {
                    Result<ObjectPtr> object = store_.read(id);
                    return object ? *object : nullptr;
                  }},
                 {.object =
                      [&](const ResolvedEntry& object) {
                        const std::uint32_t at = slot(number, object.entry);
                        if (object.type == ObjectType::commit) return commit(at, object.data);
                        const bool based = !object.base.empty() && object.base_entry != ResolvedEntry::kNoEntry;
                        const Tree* const known = based ? &graph_.trees_[slot(number, object.base_entry)] : nullptr;
                        if (known == nullptr || known->first == TreeGraph::kNone)
                          tree(at, object.data, {}, nullptr, hash_size(pack.hash()));
                        else
                          tree(at, object.data, object.base, known, hash_size(pack.hash()));
                      },
                  .failure = [](std::uint32_t, const Failure&) {}}); // where a commit leads to it, there is no tree
  }

  void read_loose(Location at) {
    const Outcome<ObjectType> type = store_.type_of(at);
    if (!type || (*type != ObjectType::tree && *type != ObjectType::commit)) return;
    const Outcome<ObjectPtr> object = store_.read(at);
    if (!object) return;
    const std::uint32_t here = static_cast<std::uint32_t>(graph_.first_slot_.back() + at.entry);
    if (*type == ObjectType::commit)
      commit(here, (*object)->data);
    else
      tree(here, (*object)->data, {}, nullptr, hash_size(store_.id_of(at)->kind));
  }

  void commit(std::uint32_t at, Bytes data) {
    const std::optional<Commit> parsed = parse_commit(data);
    if (!parsed) return;
    Part& part = mine();
    part.commits.push_back({.time = parsed->time, .slot = at, .tree = number_of(part, parsed->tree),
                            .first_parent = static_cast<std::uint32_t>(part.parents.size()),
                            .parents = static_cast<std::uint32_t>(parsed->parents.size())});
    for (const ObjectId& parent : parsed->parents) part.parents.push_back(number_of(part, parent));
    graph_.trees_[at].known = TreeGraph::kCommit;
  }

  bool wants(std::uint32_t mode, std::string_view name) const {
    if (is_tree(mode)) return true;
    return !is_gitlink(mode) && (wanted_.empty() || std::ranges::find(wanted_, name) != wanted_.end());
  }

  struct Fresh { // an entry that the base has not; its place among the edges
    std::size_t place;
    std::string_view name;
    ObjectId id;
  };

  void tree(std::uint32_t at, Bytes child, Bytes base, const Tree* known, std::size_t id_size) {
    if (full_) return;
    Part& part = mine();
    thread_local std::vector<Edge> made;
    thread_local std::vector<Fresh> fresh;
    made.clear();
    fresh.clear();
    std::span<const Edge> of_base;
    if (known != nullptr) of_base = graph_.edges(*known);
    const bool good = child.size() <= UINT32_MAX && tree_difference(
        child, base, id_size,
        [&](std::size_t here, std::size_t there, std::size_t equal) {
          std::size_t whole = 0;
          while (!of_base.empty() && of_base.front().end <= there + equal) {
            whole = of_base.front().end - there;
            made.push_back(of_base.front());
            made.back().end = static_cast<std::uint32_t>(here + whole);
            of_base = of_base.subspan(1);
          }
          return whole;
        },
        [&](const RawTreeEntry& entry, std::size_t end) {
          if (!wants(entry.mode, entry.name)) return;
          fresh.push_back({made.size(), entry.name, ObjectId::from(entry.id)});
          made.push_back({0, 0, entry.mode, static_cast<std::uint32_t>(end)});
        },
        [&](const RawTreeEntry&, std::size_t end) {
          if (!of_base.empty() && of_base.front().end == end) of_base = of_base.subspan(1);
        });
    if (!good) return;
    for (const Fresh& one : fresh) {
      made[one.place].name = number_of(part, one.name);
      made[one.place].child = number_of(part, one.id);
    }
    keep(part, at, made);
  }

  std::uint32_t number_of(Part& part, std::string_view name) {
    thread_local std::string key;
    const auto [found, is_new] = part.names.try_emplace(key.assign(name), 0);
    if (is_new) {
      const std::lock_guard guard(lock_);
      const auto [all, first] = numbers_.try_emplace(key, static_cast<std::uint32_t>(graph_.names_.size()));
      if (first) graph_.names_.push_back(key);
      found->second = all->second;
    }
    return found->second;
  }
  static std::uint32_t number_of(Part& part, const ObjectId& id) {
    part.ids.push_back(id);
    return static_cast<std::uint32_t>(part.ids.size() - 1);
  }
  void keep(Part& part, std::uint32_t at, std::span<const Edge> edges) {
    if (part.chunks.empty() || part.chunks.back().used >= kChunk || edges.size() > part.chunks.back().room - part.chunks.back().used) {
      constexpr std::size_t kFirst = 1024; // many packs on many threads make many parts, most of them small
      const std::size_t room = std::max<std::size_t>(std::min<std::size_t>(kChunk, kFirst << std::min<std::size_t>(part.chunks.size(), 6)), edges.size());
      std::unique_ptr<Edge[]> memory = std::make_unique_for_overwrite<Edge[]>(room);
      const std::lock_guard guard(lock_);
      used_ += room + (part.ids.size() - part.counted) * sizeof(ObjectId) / sizeof(Edge) * 2;
      part.counted = part.ids.size();
      if (used_ > most_edges_ || graph_.chunks_.size() == kMostChunks) full_ = true;
      if (full_) return;
      part.chunks.push_back({memory.get(), static_cast<std::uint32_t>(graph_.chunks_.size()), room, 0});
      graph_.chunks_.push_back(std::move(memory));
    }
    typename Part::Chunk& chunk = part.chunks.back();
    Tree& tree = graph_.trees_[at];
    tree.first = chunk.number << 16 | static_cast<std::uint32_t>(chunk.used);
    tree.count = static_cast<std::uint32_t>(edges.size()) & 0x3FFFFFFF;
    std::ranges::copy(edges, chunk.edges + chunk.used);
    chunk.used += edges.size();
  }

  void link(unsigned threads) {
    Share share(parts_.size());
    on_threads(share.threads(threads), [&] {
      for (std::size_t part; share.take(part);) link(parts_[part]);
    });
    std::size_t commits = 0, parents = 0;
    for (const Part& part : parts_) commits += part.commits.size(), parents += part.parents.size();
    graph_.commits_.reserve(commits);
    graph_.parents_.reserve(parents);
    for (const Part& part : parts_) {
      for (TreeGraph::CommitRow row : part.commits) {
        row.first_parent += static_cast<std::uint32_t>(graph_.parents_.size());
        graph_.trees_[row.slot].first = static_cast<std::uint32_t>(graph_.commits_.size());
        graph_.commits_.push_back(row);
      }
      graph_.parents_.insert(graph_.parents_.end(), part.parents.begin(), part.parents.end());
    }
  }
  // Looks all ids up at once, in their order: one by one, as they come, each would be some waits for memory.
  void link(Part& part) {
    struct Key {
      std::uint64_t begin; // of the id
      std::uint32_t number;
      bool operator<(const Key& other) const { return std::tie(begin, number) < std::tie(other.begin, other.number); }
    };
    const std::vector<ObjectId>& ids = part.ids;
    constexpr std::size_t kBuckets = 256; // by first byte
    std::array<std::size_t, kBuckets + 1> ends = {};
    for (const ObjectId& id : ids) ++ends[id.bytes[0] + 1u];
    for (std::size_t i = 1; i <= kBuckets; ++i) ends[i] += ends[i - 1];
    std::vector<Key> keys(ids.size());
    std::array<std::size_t, kBuckets + 1> next = ends;
    for (std::uint32_t number = 0; number < ids.size(); ++number)
      keys[next[ids[number].bytes[0]]++] = {load_be<std::uint64_t>(ids[number].bytes.data()), number};
    std::vector<std::uint32_t> slots(ids.size());
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      const std::span<Key> some = std::span(keys).subspan(ends[bucket], ends[bucket + 1] - ends[bucket]);
      std::ranges::sort(some, std::less());
      for (std::size_t i = 0; i < some.size(); ++i) {
        const bool again = i > 0 && some[i].begin == some[i - 1].begin && ids[some[i].number] == ids[some[i - 1].number];
        slots[some[i].number] = again ? slots[some[i - 1].number] : graph_.slot_of(ids[some[i].number]);
      }
    }
    for (const typename Part::Chunk& chunk : part.chunks)
      for (Edge& edge : std::span(chunk.edges, chunk.used)) {
        const std::uint32_t slot = slots[edge.child];
        if (slot == TreeGraph::kNone) {
          const std::lock_guard guard(lock_);
          edge.child = graph_.absent(ids[edge.child]);
        } else {
          edge.child = slot;
        }
      }
    for (TreeGraph::CommitRow& row : part.commits) row.tree = slots[row.tree];
    for (std::uint32_t& parent : part.parents) parent = slots[parent];
    part.ids = {};
  }

  TreeGraph& graph_;
  Store& store_;
  const std::span<const std::string> wanted_;
  const std::uint64_t most_edges_;
  std::uint64_t number_; // of all readers that the process makes
  std::mutex lock_;      // of the following, and of the graph's chunks, names and absent ones
  std::deque<Part> parts_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::uint64_t used_ = 0; // edges of all, and ids counted as such
  std::atomic<bool> full_ = false;
};

TreeGraph::TreeGraph(Store& store) : store_(&store) {
  std::size_t count = 0;
  for (const PackFile& pack : store.packs()) {
    first_slot_.push_back(count);
    count += pack.entries().size();
  }
  first_slot_.push_back(count);
  trees_.resize(count + store.loose_count());
}

std::optional<TreeGraph> TreeGraph::read(Store& store, std::span<const std::string> names, unsigned threads,
                                         std::uint64_t memory) {
  store.compute_ids();
  store.refine_indexes();
  TreeGraph graph(store);
  if (graph.trees_.size() >= kAbsent) return {};
  if (!TreeGraphReader(graph, names, memory).run(threads, memory / 2)) return {};
  return graph;
}

std::uint32_t TreeGraph::slot_of(const ObjectId& id) const {
  const std::optional<Location> at = store_->find(id);
  if (!at) return kNone;
  return static_cast<std::uint32_t>((at->pack == kLoose ? first_slot_.back() : first_slot_[at->pack]) + at->entry);
}

std::uint32_t TreeGraph::absent(const ObjectId& id) {
  const auto [found, fresh] = absent_numbers_.try_emplace(id, static_cast<std::uint32_t>(absent_.size()));
  if (fresh) absent_.push_back(id);
  return kAbsent | found->second;
}

ObjectId TreeGraph::id_of(std::uint32_t slot) const {
  if ((slot & kAbsent) != 0) return absent_[slot & ~kAbsent];
  const auto after = std::ranges::upper_bound(first_slot_, slot);
  const std::size_t pack = static_cast<std::size_t>(after - first_slot_.begin()) - 1;
  const std::uint32_t entry = static_cast<std::uint32_t>(slot - first_slot_[pack]);
  return *store_->id_of({pack + 1 == first_slot_.size() ? kLoose : static_cast<std::uint32_t>(pack), entry});
}

} // namespace packscope::pack
