// Which plain object every delta of a store stands on, by entry headers alone: nothing is inflated.
//
// An OFS_DELTA's base lies before it, so one pass in pack order finds the root of each from the root of its base. What that
// does not reach (REF_DELTA, loose objects' names, thin packs) is asked of the store, chain by chain.
#pragma once

#include "pack/store.h"

#include <functional>

namespace packscope::pack {

class DeltaRoots {
public:
  static DeltaRoots of(const Store& store);

  // The object itself where it is no delta.
  Outcome<Location> of(Location at) const;
  // Its type: the type of all that stand on it.
  Outcome<ObjectType> type_of(Location at) const;

private:
  struct Root {
    std::uint32_t entry; // of the same pack; kAsk: ask the store
    EntryType type;
  };
  static constexpr std::uint32_t kAsk = UINT32_MAX;

  const Store* store_ = nullptr;
  std::vector<std::vector<Root>> roots_; // by pack and entry
};

} // namespace packscope::pack
