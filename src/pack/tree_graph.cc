// Reads the graph; see tree_graph.h. The walk over it is in tree_graph_walk.cc.
#include "pack/tree_graph.h"

#include "base/on_threads.h"
#include "pack/resolve.h"
#include "pack/tree_difference.h"

#include <algorithm>
#include <atomic>
#include <tuple>

namespace packscope::pack {

class TreeGraphReader {
public:
  TreeGraphReader(TreeGraph& graph, std::span<const std::string> names, std::uint64_t memory)
      : graph_(graph), store_(*graph.store_), wanted_(names), most_edges_(memory / sizeof(TreeGraph::Edge)) {}

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
                        const std::optional<std::uint32_t> base = object.base.empty() ? std::nullopt : base_of(pack, object);
                        const Tree* const known = base ? &graph_.trees_[slot(number, *base)] : nullptr;
                        if (known == nullptr || known->first == TreeGraph::kNone)
                          tree(at, object.data, {}, nullptr, hash_size(pack.hash()));
                        else
                          tree(at, object.data, object.base, known, hash_size(pack.hash()));
                      },
                  .failure = [](std::uint32_t, const Failure&) {}}); // where a commit leads to it, there is no tree
  }

  static std::optional<std::uint32_t> base_of(const PackFile& pack, const ResolvedEntry& object) {
    const Outcome<EntryHeader> header = pack.header(object.entry);
    if (!header || (object.external && object.depth == 1)) return {};
    if (header->type == EntryType::ofs_delta) return pack.entry_at(header->base_offset);
    return pack.entry_of(header->base_id);
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
    const std::lock_guard guard(lock_);
    const TreeGraph::CommitRow row = {.time = parsed->time, .slot = at, .tree = number_of(parsed->tree),
                                      .first_parent = static_cast<std::uint32_t>(graph_.parents_.size()),
                                      .parents = static_cast<std::uint32_t>(parsed->parents.size())};
    for (const ObjectId& parent : parsed->parents) graph_.parents_.push_back(number_of(parent));
    graph_.trees_[at].first = static_cast<std::uint32_t>(graph_.commits_.size());
    graph_.trees_[at].known = TreeGraph::kCommit;
    graph_.commits_.push_back(row);
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
    thread_local std::vector<Edge> made;
    thread_local std::vector<Fresh> fresh;
    made.clear();
    fresh.clear();
    std::span<const Edge> of_base;
    if (known != nullptr) {
      const std::lock_guard guard(lock_); // of the list of chunks; this thread made what it looks at
      of_base = graph_.edges(*known);
    }
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
    const std::lock_guard guard(lock_);
    for (const Fresh& one : fresh) {
      made[one.place].name = number_of(one.name);
      made[one.place].child = number_of(one.id);
    }
    keep(at, made);
  }

  // The following with lock_ held.
  std::uint32_t number_of(std::string_view name) {
    const auto [found, is_new] = numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(graph_.names_.size()));
    if (is_new) graph_.names_.push_back(found->first);
    return found->second;
  }
  // Of what an edge or a commit leads to; link() makes it a slot.
  std::uint32_t number_of(const ObjectId& id) {
    ids_.push_back(id);
    return static_cast<std::uint32_t>(ids_.size() - 1);
  }
  void keep(std::uint32_t at, std::span<const Edge> edges) {
    if (next_ >= kChunk || edges.size() > room_ - next_) {
      room_ = std::max<std::size_t>(kChunk, edges.size());
      next_ = 0;
      used_ += room_;
      constexpr std::size_t kMostChunks = 0xFFFF; // kNone is no place
      full_ = full_ || used_ + ids_.size() * sizeof(ObjectId) / sizeof(Edge) * 2 > most_edges_ || graph_.chunks_.size() == kMostChunks;
      if (full_) return;
      graph_.chunks_.push_back(std::make_unique_for_overwrite<Edge[]>(room_));
    }
    Tree& tree = graph_.trees_[at];
    tree.first = static_cast<std::uint32_t>((graph_.chunks_.size() - 1) << 16 | next_);
    tree.count = static_cast<std::uint32_t>(edges.size()) & 0x3FFFFFFF;
    std::ranges::copy(edges, graph_.edges(tree).begin());
    next_ += edges.size();
  }

  // Looks all ids up at once, in their order: one by one, as they come, each would be some waits for memory.
  void link(unsigned threads) {
    struct Key {
      std::uint64_t begin; // of the id
      std::uint32_t number;
      bool operator<(const Key& other) const { return std::tie(begin, number) < std::tie(other.begin, other.number); }
    };
    constexpr std::size_t kBuckets = 256; // by first byte
    std::vector<std::size_t> ends(kBuckets + 1);
    for (const ObjectId& id : ids_) ++ends[id.bytes[0] + 1];
    for (std::size_t i = 1; i <= kBuckets; ++i) ends[i] += ends[i - 1];
    std::vector<Key> keys(ids_.size());
    std::vector<std::size_t> next(ends.begin(), ends.end() - 1);
    for (std::uint32_t number = 0; number < ids_.size(); ++number)
      keys[next[ids_[number].bytes[0]]++] = {load_be<std::uint64_t>(ids_[number].bytes.data()), number};
    std::vector<std::uint32_t> slots(ids_.size());
    Share share(kBuckets);
    on_threads(share.threads(threads), [&] {
      for (std::size_t bucket; share.take(bucket);) {
        const std::span<Key> some = std::span(keys).subspan(ends[bucket], ends[bucket + 1] - ends[bucket]);
        std::ranges::sort(some, std::less());
        for (std::size_t i = 0; i < some.size(); ++i) {
          const bool again = i > 0 && some[i].begin == some[i - 1].begin && ids_[some[i].number] == ids_[some[i - 1].number];
          slots[some[i].number] = again ? slots[some[i - 1].number] : graph_.slot_of(ids_[some[i].number]);
        }
      }
    });
    const auto settle = [&](std::uint32_t& number, bool edge) {
      const std::uint32_t slot = slots[number];
      number = slot == TreeGraph::kNone && edge ? graph_.absent(ids_[number]) : slot;
    };
    for (const Tree& tree : graph_.trees_)
      if (tree.first != TreeGraph::kNone && tree.known != TreeGraph::kCommit)
        for (Edge& edge : graph_.edges(tree)) settle(edge.child, true);
    for (TreeGraph::CommitRow& row : graph_.commits_) settle(row.tree, false);
    for (std::uint32_t& parent : graph_.parents_) settle(parent, false);
  }

  TreeGraph& graph_;
  Store& store_;
  const std::span<const std::string> wanted_;
  const std::uint64_t most_edges_;
  std::mutex lock_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<ObjectId> ids_; // what edges and commits lead to, each time one does
  std::size_t room_ = 0, next_ = kChunk; // of the last chunk, and in it
  std::uint64_t used_ = 0;               // edges of all
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
