// Builds the forest from entry headers: finds bases, some entries at a time, then counts children and places them in pack
// order (a counting sort).
#include "pack/forest.h"

#include "base/on_threads.h"

#include <algorithm>
#include <bit>

namespace packscope::pack {

namespace {

// Finds entries by their offset: of as many equal pieces of the pack as there are entries, the first entry in each. A
// search over all entries guesses wrong at every other step.
class OffsetTable {
public:
  explicit OffsetTable(const std::vector<PackEntry>& entries) : entries_(entries) {
    if (entries.empty()) return;
    shift_ = static_cast<unsigned>(std::bit_width(entries.back().offset / entries.size()));
    first_.resize((entries.back().offset >> shift_) + 2);
    for (std::uint32_t entry = 0, piece = 0; piece < first_.size(); first_[piece++] = entry)
      while (entry < entries.size() && entries[entry].offset >> shift_ < piece) ++entry;
  }

  // `offset`: not behind the last entry.
  std::optional<std::uint32_t> find(std::uint64_t offset) const {
    const std::uint64_t piece = offset >> shift_;
    const auto first = entries_.begin() + first_[piece], end = entries_.begin() + first_[piece + 1];
    const auto less = [](const PackEntry& one, std::uint64_t wanted) { return one.offset < wanted; };
    const auto found = std::lower_bound(first, end, offset, less);
    if (found == end || found->offset != offset) return {};
    return static_cast<std::uint32_t>(found - entries_.begin());
  }

private:
  const std::vector<PackEntry>& entries_;
  unsigned shift_ = 0;
  std::vector<std::uint32_t> first_;
};

struct Found { // beside the bases
  std::vector<std::pair<std::uint32_t, Failure>> broken;
  std::vector<std::pair<ObjectId, std::uint32_t>> by_id;
};

void find_base(const PackFile& pack, const OffsetTable& offsets, std::uint32_t entry, std::uint32_t& base, Found& found) {
  const Outcome<EntryHeader> header = pack.header(entry);
  if (!header) {
    found.broken.push_back({entry, header.error()});
    base = Forest::kBroken;
  } else if (header->type == EntryType::ofs_delta) {
    const std::optional<std::uint32_t> there = offsets.find(header->base_offset);
    if (!there) found.broken.push_back({entry, Failure{Fault::ofs_delta_target, header->offset}});
    base = there.value_or(Forest::kBroken);
  } else if (header->type == EntryType::ref_delta) {
    const std::optional<std::uint32_t> there = pack.entry_of(header->base_id);
    if (!there && pack.index() == nullptr) found.by_id.push_back({header->base_id, entry});
    base = there.value_or(Forest::kElsewhere);
  }
}

} // namespace

Forest::Forest(const PackFile& pack, unsigned threads) {
  const std::uint32_t count = static_cast<std::uint32_t>(pack.entries().size());
  base_.assign(count, kRoot);
  {
    Share share(count, 4096);
    constexpr std::uint32_t kAhead = 16; // entries: headers lie a few hundred bytes apart, which no processor foresees
    const OffsetTable offsets(pack.entries());
    std::mutex lock;
    on_threads(share.threads(threads), [&] {
      Found found;
      for (std::size_t begin, end; share.take(begin, end);)
        for (std::size_t entry = begin; entry < end; ++entry) {
          pack.prefetch_header(static_cast<std::uint32_t>(entry + kAhead));
          find_base(pack, offsets, static_cast<std::uint32_t>(entry), base_[entry], found);
        }
      const std::lock_guard guard(lock);
      broken_.insert(broken_.end(), found.broken.begin(), found.broken.end());
      by_id_.insert(by_id_.end(), found.by_id.begin(), found.by_id.end());
    });
  }
  const auto earlier = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(broken_.begin(), broken_.end(), earlier);
  std::sort(by_id_.begin(), by_id_.end());

  first_child_.assign(std::size_t{count} + 1, 0);
  for (std::uint32_t entry = 0; entry < count; ++entry)
    if (base_[entry] < count) ++first_child_[base_[entry] + 1];
  for (std::uint32_t entry = 0; entry < count; ++entry) first_child_[entry + 1] += first_child_[entry];
  children_.resize(first_child_[count]);
  std::vector<std::uint32_t> next(first_child_.begin(), first_child_.end() - 1);
  for (std::uint32_t entry = 0; entry < count; ++entry)
    if (base_[entry] < count) children_[next[base_[entry]]++] = entry;
}

std::span<const std::pair<ObjectId, std::uint32_t>> Forest::children(const ObjectId& id) const {
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto range = std::equal_range(by_id_.begin(), by_id_.end(), std::pair(id, std::uint32_t{0}), less);
  return {range.first, range.second};
}

} // namespace packscope::pack
