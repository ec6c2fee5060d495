// A pack in memory with its index: entries in order, where each one's stream lies, and which plain object it stands on.
//
// The idea: what pack::PackFile and pack::DeltaRoots are on a system with files and a heap, in memory that the caller has. The
// index's tables and the entries' headers are read by the same sources.
#pragma once

#include "pack/entry.h"
#include "pack/index_tables.h"

namespace packscope::boot {

struct WalkEntry {
  std::uint64_t offset = 0;
  std::uint32_t index_position = 0;
  std::uint32_t root = 0; // position in pack order of the object it stands on: itself where it is no delta; kNoRoot
};
inline constexpr std::uint32_t kNoRoot = UINT32_MAX; // its chain is broken: see fault

class PackWalk {
public:
  // `room`: index.size() entries. Faults: truncated, signature, version, object_count, index_offset, index_mismatch.
  static pack::Outcome<PackWalk> open(Bytes pack, const pack::IndexTables& index, std::span<WalkEntry> room);

  std::span<const WalkEntry> entries() const { return entries_; } // by offset
  pack::Outcome<pack::EntryHeader> header(std::uint32_t entry) const;
  Bytes stream(const pack::EntryHeader& header, std::uint32_t entry) const; // to the next entry
  pack::ObjectId id(std::uint32_t entry) const { return index_->id(entries_[entry].index_position); }

private:
  pack::Outcome<std::uint32_t> base_of(std::uint32_t entry) const; // itself where it is no delta
  std::uint32_t entry_at(std::uint64_t offset) const;              // kNoRoot: none begins there
  void find_roots();

  Bytes pack_;
  const pack::IndexTables* index_ = nullptr;
  std::span<WalkEntry> entries_;
  std::uint64_t end_ = 0; // of the last entry
};

} // namespace packscope::boot
