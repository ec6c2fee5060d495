// Objects by id through the indexes alone; see store.h and peeker.h.
#include "base/on_threads.h"
#include "pack/store_state.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace packscope::pack {

std::optional<Spot> Store::State::spot_of(const ObjectId& id) const {
  for (std::uint32_t pack = 0; pack < packs.size(); ++pack)
    if (const std::optional<std::uint64_t> offset = packs[pack].offset_of(id)) return Spot{pack, *offset};
  return {};
}

bool Store::State::contains(const ObjectId& id) {
  if (const std::optional<Spot> spot = spot_of(id)) {
    if (spots.size() < kMostSpots) spots.emplace(id, *spot);
    return true;
  }
  return std::ranges::all_of(packs, &PackFile::indexed) ? loose.find(id).has_value() : find(id).has_value();
}

ObjectPtr Store::State::peek(const ObjectId& id, std::uint64_t most) {
  if (const std::optional<Spot> spot = spot_of(id))
    if (ObjectPtr object = peeker.read(packs, *spot, most)) return object;
  const std::optional<std::uint32_t> index =
      std::ranges::all_of(packs, &PackFile::indexed) ? loose.find(id) : std::nullopt;
  if (!index) return nullptr;
  const Outcome<ObjectPtr> object = read({kLoose, *index});
  return object && (*object)->data.size() <= most ? *object : nullptr;
}

// Versions of a file lie together in a pack, each on its neighbour: in the order of their offsets, and some neighbours to
// a thread, most bases are found in that thread's cache.
std::vector<ObjectPtr> Store::State::peek(std::span<const ObjectId> ids, std::uint64_t most, std::uint64_t most_together,
                                          unsigned threads) {
  struct Wanted {
    Spot spot;
    std::size_t number;
  };
  std::vector<ObjectPtr> objects(ids.size());
  std::vector<Wanted> order;
  for (const PackFile& pack : packs) pack.expect_finds(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto known = spots.find(ids[i]);
    const bool stands = known != spots.end() && packs[known->second.pack].indexed(); // an index may have been given up since
    if (const std::optional<Spot> spot = stands ? known->second : spot_of(ids[i])) order.push_back({*spot, i});
  }
  std::ranges::sort(order, {}, [](const Wanted& one) { return std::pair(one.spot.pack, one.spot.offset); });
  constexpr std::size_t kWorthAThread = 128;
  // What is passed on the way to the next neighbours is all that pays; more would only be fresh memory.
  constexpr std::uint64_t kCache = std::uint64_t{12} << 20;
  Share share(order.size(), 32);
  const unsigned wanted = share.threads(static_cast<unsigned>(std::min<std::size_t>(threads, 1 + order.size() / kWorthAThread)));
  while (peekers.size() < wanted)
    peekers.push_back(std::make_unique<Peeker>(std::min(kCache, options.cache_bytes / threads)));
  std::atomic<std::size_t> started = 0;
  std::atomic<std::uint64_t> bytes = 0;
  on_threads(wanted, [&] {
    Peeker& mine = *peekers[started++];
    for (std::size_t begin, end; share.take(begin, end);)
      for (std::size_t i = begin; i < end && bytes < most_together; ++i) {
        try {
          objects[order[i].number] = mine.read(packs, order[i].spot, most);
        } catch (const std::bad_alloc&) { // left to read(), which says so
          continue;
        }
        if (const ObjectPtr& object = objects[order[i].number]) bytes += object->data.size();
      }
  });
  return objects;
}

} // namespace packscope::pack
