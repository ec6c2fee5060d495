// The delta forest of a pack: for each entry its base, for each base its children, as numbers only
// (12 bytes an entry). Private to the room.
#pragma once

#include "pack/pack_file.h"

namespace packscope::pack {

class Forest {
public:
  // Instead of a base's number. A pack of so many entries would be 32 GB of headers alone.
  static constexpr std::uint32_t kRoot = UINT32_MAX;         // no delta
  static constexpr std::uint32_t kElsewhere = UINT32_MAX - 1; // REF_DELTA: not in this pack, or its id not yet known
  static constexpr std::uint32_t kBroken = UINT32_MAX - 2;    // the header is: see broken()

  Forest(const PackFile& pack, unsigned threads);

  std::uint32_t base(std::uint32_t entry) const { return base_[entry]; }
  std::span<const std::uint32_t> children(std::uint32_t entry) const {
    return std::span(children_).subspan(first_child_[entry], first_child_[entry + 1] - first_child_[entry]);
  }
  // Without an index: REF_DELTA entries that name this base, whose entry is only known when it is hashed.
  std::span<const std::pair<ObjectId, std::uint32_t>> children(const ObjectId& id) const;
  const std::vector<std::pair<std::uint32_t, Failure>>& broken() const { return broken_; }
  bool waits_for_ids() const { return !by_id_.empty(); }

private:
  std::vector<std::uint32_t> base_, first_child_, children_;
  std::vector<std::pair<ObjectId, std::uint32_t>> by_id_; // sorted
  std::vector<std::pair<std::uint32_t, Failure>> broken_;
};

} // namespace packscope::pack
