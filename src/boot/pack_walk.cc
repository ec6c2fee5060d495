// Offsets from the index, sorted; roots in pack order, as an OFS_DELTA's base lies before it.
#include "boot/pack_walk.h"

#include <algorithm>

namespace packscope::boot {

using pack::EntryHeader;
using pack::EntryType;
using pack::Failure;
using pack::Fault;
using pack::Outcome;

Outcome<PackWalk> PackWalk::open(Bytes bytes, const pack::IndexTables& index, std::span<WalkEntry> room) {
  const auto fault = [](Fault what, std::uint64_t offset) { return std::unexpected(Failure{what, offset}); };
  constexpr std::size_t kHeader = 12;
  const std::size_t id = pack::hash_size(index.hash());
  if (bytes.size() < kHeader + id) return fault(Fault::truncated, bytes.size());
  if (as_text(bytes.first(4)) != "PACK") return fault(Fault::signature, 0);
  const std::uint32_t version = load_be<std::uint32_t>(bytes.data() + 4);
  if (version != 2 && version != 3) return fault(Fault::version, 4);
  if (load_be<std::uint32_t>(bytes.data() + 8) != index.size()) return fault(Fault::object_count, 8);
  // A module may be padded behind its end, so the trailer is looked for by what the index says that it is.
  if (pack::ObjectId::from(bytes.last(id)) != index.pack_checksum()) return fault(Fault::index_mismatch, bytes.size() - id);
  PackWalk walk;
  walk.pack_ = bytes;
  walk.index_ = &index;
  walk.entries_ = room.first(index.size());
  walk.end_ = bytes.size() - id;
  for (std::uint32_t i = 0; i < index.size(); ++i) {
    const Outcome<std::uint64_t> offset = index.offset(i);
    if (!offset) return std::unexpected(offset.error());
    if (*offset < kHeader || *offset >= walk.end_) return fault(Fault::index_offset, *offset);
    walk.entries_[i] = {.offset = *offset, .index_position = i};
  }
  std::sort(walk.entries_.begin(), walk.entries_.end(), [](const WalkEntry& a, const WalkEntry& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.index_position < b.index_position;
  });
  walk.find_roots();
  return walk;
}

Outcome<EntryHeader> PackWalk::header(std::uint32_t entry) const {
  return pack::read_entry_header(pack_.first(end_), entries_[entry].offset, index_->hash());
}

Bytes PackWalk::stream(const EntryHeader& header, std::uint32_t entry) const {
  const std::uint64_t end = entry + std::size_t{1} < entries_.size() ? entries_[entry + 1].offset : end_;
  return header.data_offset < end ? pack_.subspan(header.data_offset, end - header.data_offset) : Bytes{};
}

std::uint32_t PackWalk::entry_at(std::uint64_t offset) const {
  const auto at = std::ranges::lower_bound(entries_, offset, {}, &WalkEntry::offset);
  return at != entries_.end() && at->offset == offset ? static_cast<std::uint32_t>(at - entries_.begin()) : kNoRoot;
}

Outcome<std::uint32_t> PackWalk::base_of(std::uint32_t entry) const {
  const Outcome<EntryHeader> header = this->header(entry);
  if (!header) return std::unexpected(header.error());
  if (!pack::is_delta(header->type)) return entry;
  std::uint64_t offset = header->base_offset;
  if (header->type == EntryType::ref_delta) {
    const std::optional<std::uint32_t> position = index_->find(header->base_id);
    if (!position) return std::unexpected(Failure{Fault::ref_delta_base, header->offset});
    offset = *index_->offset(*position); // was read by open()
  }
  const std::uint32_t base = entry_at(offset);
  if (base == kNoRoot) return std::unexpected(Failure{Fault::ofs_delta_target, header->offset});
  if (base == entry) return std::unexpected(Failure{Fault::delta_cycle, header->offset});
  return base;
}

void PackWalk::find_roots() {
  // A chain is followed until it ends, or meets an entry whose root is known or, in a circle, one of its own; then all
  // entries on the way have that root. So every entry is walked twice at most, whatever stands on what.
  constexpr std::uint32_t kUnknown = kNoRoot - 1, kOnTheWay = kNoRoot - 2;
  for (WalkEntry& entry : entries_) entry.root = kUnknown;
  for (std::uint32_t entry = 0; entry < entries_.size(); ++entry) {
    std::uint32_t root = entries_[entry].root;
    for (std::uint32_t at = entry; root == kUnknown;) {
      entries_[at].root = kOnTheWay;
      const Outcome<std::uint32_t> base = base_of(at);
      if (!base) root = kNoRoot;
      else if (*base == at) root = at;
      else if (entries_[*base].root == kOnTheWay) root = kNoRoot;
      else root = entries_[at = *base].root;
    }
    for (std::uint32_t at = entry; entries_[at].root == kOnTheWay;) {
      entries_[at].root = root;
      if (const Outcome<std::uint32_t> base = base_of(at)) at = *base;
    }
  }
}

} // namespace packscope::boot
