// Builds the forest from entry headers: counts children, then places them in pack order (a counting sort).
#include "pack/forest.h"

#include <algorithm>

namespace packscope::pack {

Forest::Forest(const PackFile& pack) {
  constexpr std::uint32_t kAhead = 16; // entries: headers lie a few hundred bytes apart, which no processor foresees
  const std::uint32_t count = static_cast<std::uint32_t>(pack.entries().size());
  base_.assign(count, kRoot);
  first_child_.assign(std::size_t{count} + 1, 0);
  for (std::uint32_t entry = 0; entry < count; ++entry) {
    pack.prefetch_header(entry + kAhead);
    const Outcome<EntryHeader> header = pack.header(entry);
    if (!header) {
      broken_.push_back({entry, header.error()});
      base_[entry] = kBroken;
    } else if (header->type == EntryType::ofs_delta) {
      const std::optional<std::uint32_t> base = pack.entry_before(entry, header->base_offset);
      if (!base) broken_.push_back({entry, Failure{Fault::ofs_delta_target, header->offset}});
      base_[entry] = base.value_or(kBroken);
    } else if (header->type == EntryType::ref_delta) {
      const std::optional<std::uint32_t> base = pack.entry_of(header->base_id);
      if (!base && pack.index() == nullptr) by_id_.push_back({header->base_id, entry});
      base_[entry] = base.value_or(kElsewhere);
    }
    if (base_[entry] < count) ++first_child_[base_[entry] + 1];
  }
  for (std::uint32_t entry = 0; entry < count; ++entry) first_child_[entry + 1] += first_child_[entry];
  children_.resize(first_child_[count]);
  std::vector<std::uint32_t> next(first_child_.begin(), first_child_.end() - 1);
  for (std::uint32_t entry = 0; entry < count; ++entry)
    if (base_[entry] < count) children_[next[base_[entry]]++] = entry;
  std::sort(by_id_.begin(), by_id_.end());
}

std::span<const std::pair<ObjectId, std::uint32_t>> Forest::children(const ObjectId& id) const {
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto range = std::equal_range(by_id_.begin(), by_id_.end(), std::pair(id, std::uint32_t{0}), less);
  return {range.first, range.second};
}

} // namespace packscope::pack
