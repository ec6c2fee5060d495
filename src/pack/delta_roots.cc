// One pass a pack; see delta_roots.h.
#include "pack/delta_roots.h"

namespace packscope::pack {

DeltaRoots DeltaRoots::of(const Store& store) {
  DeltaRoots roots;
  roots.store_ = &store;
  constexpr std::uint32_t kAhead = 16;
  for (const PackFile& pack : store.packs()) {
    std::vector<Root>& all = roots.roots_.emplace_back();
    const std::uint32_t count = static_cast<std::uint32_t>(pack.entries().size());
    all.reserve(count);
    for (std::uint32_t entry = 0; entry < count; ++entry) {
      pack.prefetch_header(entry + kAhead);
      Root root{kAsk, EntryType::ref_delta};
      if (const Outcome<EntryHeader> header = pack.header(entry)) {
        if (!is_delta(header->type)) {
          root = {entry, header->type};
        } else if (header->type == EntryType::ofs_delta) {
          if (const std::optional<std::uint32_t> base = pack.entry_at(header->base_offset); base && *base < entry)
            root = all[*base];
        }
      }
      all.push_back(root);
    }
  }
  return roots;
}

Outcome<Location> DeltaRoots::of(Location at) const {
  for (std::uint32_t steps = 0;; ++steps) {
    if (at.pack != kLoose && roots_[at.pack][at.entry].entry != kAsk) return Location{at.pack, roots_[at.pack][at.entry].entry};
    // type_of() walks the whole chain, and finds circles and missing bases.
    if (steps == 0)
      if (const Outcome<ObjectType> type = store_->type_of(at); !type) return std::unexpected(type.error());
    const Outcome<std::optional<Location>> base = store_->base_of(at);
    if (!base) return std::unexpected(base.error());
    if (!*base) return at;
    at = **base;
  }
}

Outcome<ObjectType> DeltaRoots::type_of(Location at) const {
  if (at.pack == kLoose || roots_[at.pack][at.entry].entry == kAsk) return store_->type_of(at);
  return roots_[at.pack][at.entry].type;
}

} // namespace packscope::pack
