// Trees by the resolver, their entries by difference to the delta base; see leaf_names.h.
#include "pack/leaf_names.h"

#include "pack/resolve.h"
#include "pack/tree_difference.h"
#include "pack/tree_ends.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>

namespace packscope::pack {

class LeafNamer {
public:
  LeafNamer(Store& store, const std::function<void(const Error&)>& error) : store_(store), error_(error) {
    std::size_t count = 0;
    for (const PackFile& pack : store.packs()) {
      names_.first_slot_.push_back(count);
      count += pack.entries().size();
    }
    names_.first_slot_.push_back(count);
    count += store.loose_count();
    best_ = std::vector<std::atomic<std::uint64_t>>(count);
    names_.links_.resize(count);
  }

  LeafNames run(unsigned threads, std::uint64_t memory) {
    for (std::uint32_t pack = 0; pack < store_.packs().size(); ++pack) read_pack(pack, threads, memory);
    for (std::uint32_t index = 0; index < store_.loose_count(); ++index) read_loose({kLoose, index});
    for (const std::unique_ptr<Reading>& one : readings_) look_up(*one);
    names_.name_of_.resize(best_.size());
    for (std::size_t slot = 0; slot < best_.size(); ++slot) names_.name_of_[slot] = static_cast<std::uint32_t>(best_[slot].load());
    return std::move(names_);
  }

private:
  // What one thread has met and not looked up. An index answers at random places of memory: asked for some ids at once, it
  // fetches them all at the same time.
  static constexpr std::size_t kNowhere = SIZE_MAX; // what a partial clone lacks
  struct Reading {
    static constexpr std::size_t kMost = 256;
    struct Met {
      ObjectId id;
      std::uint64_t order;
      std::size_t name, length; // in `text`
      std::size_t slot; // once looked up
    };
    std::vector<Met> met;
    std::string text;
    TreeEnds ends;
  };

  Reading& reading() { // of this thread
    thread_local std::pair<std::uint64_t, Reading*> mine = {0, nullptr};
    if (mine.first != serial_) {
      const std::lock_guard guard(lock_);
      mine = {serial_, readings_.emplace_back(std::make_unique<Reading>()).get()};
    }
    return *mine.second;
  }

  void read_loose(Location at) {
    const Outcome<ObjectType> type = store_.type_of(at);
    if (!type || *type != ObjectType::tree) return; // what is broken and no tree hides no name
    const Outcome<ObjectPtr> tree = store_.read(at);
    if (!tree) return error_(store_.error(at, tree.error()));
    take(at, (*tree)->data, {}, 0, hash_size(store_.id_of(at)->kind));
  }

  void read_pack(std::uint32_t number, unsigned threads, std::uint64_t memory) {
    const PackFile& pack = store_.packs()[number];
    const std::size_t id_size = hash_size(pack.hash());
    resolve_pack(pack,
                 {.threads = threads, .memory = memory, .types = {ObjectType::tree},
                  .external = [this](const ObjectId& id) -> ObjectPtr {
                    Result<ObjectPtr> object = store_.read(id);
                    return object ? *object : nullptr;
                  }},
                 {.object =
                      [&](const ResolvedEntry& tree) {
                        if (tree.external && tree.depth == 1) reading().ends.begin(0); // its base does not come here
                        take({number, tree.entry}, tree.data, tree.base, tree.depth, id_size);
                      },
                  .failure =
                      [&](std::uint32_t entry, const Failure& failure) {
                        const std::lock_guard guard(lock_);
                        error_(store_.error({number, entry}, failure));
                      }});
  }

  // `depth`: of deltas. A base is always the last tree of its depth on this thread.
  void take(Location tree, Bytes child, Bytes base, std::size_t depth, std::size_t id_size) {
    // Trees by pack and entry, their entries by place: the least of all wins, whichever thread comes first.
    const std::uint64_t order = std::uint64_t{names_.slot(tree)} << 32;
    Reading& here = reading();
    here.ends.begin(depth);
    const bool whole = tree_difference(
        child, base, id_size,
        [&](std::size_t at, std::size_t there, std::size_t equal) { return here.ends.take(at, there, equal); },
        [&](const RawTreeEntry& entry, std::size_t end) {
          here.ends.add(end);
          if (!is_tree(entry.mode) && !is_gitlink(entry.mode)) meet(here, entry, order);
          if (pack::is_link(entry.mode)) mark_link(entry.id);
        },
        [](const RawTreeEntry&, std::size_t) {});
    if (whole) return;
    const std::lock_guard guard(lock_);
    error_(store_.error(tree, {Fault::tree, store_.offset_of(tree)}));
  }

  void meet(Reading& here, const RawTreeEntry& entry, std::uint64_t order) {
    here.met.push_back({ObjectId::from(entry.id), order, here.text.size(), entry.name.size(), kNowhere});
    here.text += entry.name;
    for (const PackFile& pack : store_.packs()) pack.prefetch_find(here.met.back().id);
    if (here.met.size() == Reading::kMost) look_up(here);
  }

  void look_up(Reading& here) {
    for (const Reading::Met& one : here.met)
      for (const PackFile& pack : store_.packs()) pack.prefetch_found(one.id);
    for (Reading::Met& one : here.met) {
      const std::optional<Location> at = store_.find(one.id);
      one.slot = at ? names_.slot(*at) : kNowhere;
      if (at) __builtin_prefetch(&best_[one.slot]);
    }
    for (const Reading::Met& one : here.met)
      if (one.slot != kNowhere) name(one.slot, std::string_view(here.text).substr(one.name, one.length), one.order);
    here.met.clear();
    here.text.clear();
  }

  void name(std::size_t slot, std::string_view name, std::uint64_t order) {
    std::atomic<std::uint64_t>& best = best_[slot];
    std::uint64_t known = best.load(std::memory_order_relaxed);
    if (known != 0 && known >> 32 <= order >> 32) return;
    const std::uint64_t mine = order | index_of(name);
    while (known == 0 || known >> 32 > order >> 32)
      if (best.compare_exchange_weak(known, mine)) return;
  }

  void mark_link(Bytes id) { // rare: a lock is cheap enough
    const std::optional<Location> at = store_.find(ObjectId::from(id));
    const std::lock_guard guard(lock_);
    if (at) names_.links_[names_.slot(*at)] = 1;
  }

  // Of an interned name, counted from 1.
  std::uint64_t index_of(std::string_view name) {
    const std::lock_guard guard(lock_);
    if (const auto known = indexes_.find(name); known != indexes_.end()) return known->second;
    constexpr std::size_t kArena = std::size_t{1} << 16;
    if (arena_left_ < name.size()) {
      arena_left_ = std::max(kArena, name.size());
      names_.arenas_.push_back(std::make_unique_for_overwrite<char[]>(arena_left_));
      arena_at_ = names_.arenas_.back().get();
    }
    std::ranges::copy(name, arena_at_);
    const std::string_view held(arena_at_, name.size());
    arena_at_ += name.size();
    arena_left_ -= name.size();
    names_.names_.push_back(held);
    return indexes_[held] = static_cast<std::uint32_t>(names_.names_.size());
  }

  Store& store_;
  const std::function<void(const Error&)>& error_;
  LeafNames names_;
  std::vector<std::atomic<std::uint64_t>> best_; // by slot: place of the tree, index of the name; 0: none
  std::vector<std::unique_ptr<Reading>> readings_;
  const std::uint64_t serial_ = ++last_serial_;  // tells this thread's Reading from that of an earlier call
  static inline std::atomic<std::uint64_t> last_serial_ = 0;
  std::mutex lock_;                              // of the names, the readings and error_
  std::unordered_map<std::string_view, std::uint32_t> indexes_;
  char* arena_at_ = nullptr;
  std::size_t arena_left_ = 0;
};

LeafNames LeafNames::of(Store& store, unsigned threads, std::uint64_t memory, const std::function<void(const Error&)>& error) {
  store.compute_ids();
  store.refine_indexes();
  return LeafNamer(store, error).run(threads, memory);
}

std::string_view LeafNames::of(Location blob) const {
  const std::uint32_t name = name_of_[slot(blob)];
  return name == 0 ? std::string_view() : names_[name - 1];
}

std::uint64_t LeafNames::named() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(name_of_, [](std::uint32_t name) { return name != 0; }));
}

} // namespace packscope::pack
