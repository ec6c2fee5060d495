// All commits once; the oldest root.
#include "lattice/identity.h"

#include "pack/commit.h"
#include "pack/resolve.h"

#include <mutex>

namespace packscope::lattice {
namespace {

class Oldest {
public:
  void see(const pack::ObjectId& id, Bytes commit) {
    const std::optional<pack::Commit> parsed = pack::parse_commit(commit);
    if (!parsed) return;
    const Candidate one = {!parsed->parents.empty(), parsed->time, id};
    const std::lock_guard guard(lock_);
    if (!best_ || one < *best_) best_ = one;
  }
  std::optional<pack::ObjectId> id() const { return best_ ? std::optional(best_->id) : std::nullopt; }

private:
  struct Candidate {
    bool has_parents;
    std::int64_t time;
    pack::ObjectId id;
    auto operator<=>(const Candidate&) const = default;
  };
  std::mutex lock_;
  std::optional<Candidate> best_;
};

} // namespace

std::optional<pack::ObjectId> identity_of(pack::Store& store, unsigned threads, std::uint64_t memory) {
  store.compute_ids();
  Oldest oldest;
  std::optional<pack::ObjectId> least;
  std::mutex lock; // of the store
  for (const pack::PackFile& pack : store.packs()) {
    pack::resolve_pack(pack,
                       {.threads = threads, .memory = memory, .types = {pack::ObjectType::commit},
                        .external = [&](const pack::ObjectId& id) -> pack::ObjectPtr {
                          const std::lock_guard guard(lock);
                          const Result<pack::ObjectPtr> object = store.read(id);
                          return object ? *object : nullptr;
                        }},
                       {.object = [&](const pack::ResolvedEntry& entry) {
                          if (const std::optional<pack::ObjectId> id = pack.id_of(entry.entry)) oldest.see(*id, entry.data);
                        },
                        .failure = [](std::uint32_t, const pack::Failure&) {}});
  }
  for (std::uint32_t i = 0; i < store.loose_count(); ++i) {
    const pack::Location at = {pack::kLoose, i};
    const pack::Outcome<pack::ObjectType> type = store.type_of(at);
    if (!type || *type != pack::ObjectType::commit) continue;
    if (const pack::Outcome<pack::ObjectPtr> object = store.read(at))
      if (const std::optional<pack::ObjectId> id = store.id_of(at)) oldest.see(*id, (*object)->data);
  }
  if (oldest.id()) return oldest.id();
  const auto see = [&](pack::Location at) {
    if (const std::optional<pack::ObjectId> id = store.id_of(at); id && (!least || *id < *least)) least = id;
  };
  for (std::uint32_t pack = 0; pack < store.packs().size(); ++pack)
    for (std::uint32_t entry = 0; entry < store.packs()[pack].entries().size(); ++entry) see({pack, entry});
  for (std::uint32_t i = 0; i < store.loose_count(); ++i) see({pack::kLoose, i});
  return least;
}

} // namespace packscope::lattice
