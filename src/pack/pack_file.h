// One pack: its entries in the order they lie, with or without an index.
//
//   pack := 'PACK' version:4 count:4 entry{count} checksum            big endian; entries: entry.h
//
// With an index the entries' offsets come from it. Without one every stream must be walked to find the next entry
// (a pack does not store compressed lengths); ids are then known only if they are computed.
#pragma once

#include "base/mapped_file.h"
#include "deflate/inflate.h"
#include "pack/entry.h"
#include "pack/index.h"

#include <functional>
#include <vector>

namespace packscope::pack {

struct PackEntry {
  std::uint64_t offset = 0;
  std::uint32_t index_position = 0; // in the index, if there is one
};

struct OpenLimits {
  std::uint64_t max_object_size = std::uint64_t{512} << 20;
  // Not stated in a pack. Empty: as the index's length says; without an index, whichever fits the trailer.
  std::optional<HashKind> hash = {};
};

struct ResolveOptions;
struct ResolveVisitor;

class PackFile {
public:
  // `path`: the .pack. Takes the .idx beside it if there is one, and with it the .rev. Faults of the header are an Error; an index that
  // cannot be read or does not fit the pack is reported by damage() and the pack is walked instead.
  static Result<PackFile> open(const std::string& path, OpenLimits limits = {});

  const std::string& path() const { return file_.path(); }
  Bytes bytes() const { return file_.bytes(); }
  HashKind hash() const { return hash_; }
  unsigned version() const { return version_; }
  std::uint32_t stated_count() const { return stated_count_; } // from the pack header
  const Index* index() const {
    entries();
    return index_ ? &*index_ : nullptr;
  }
  const OpenLimits& limits() const { return limits_; }

  // In pack order. Without an index the walk stops at the first entry whose end cannot be found: see damage().
  // The first call of this or any other function but offset_of() puts an index's offsets in order, which costs more than
  // reading a few objects. It must not come from several threads at once.
  const std::vector<PackEntry>& entries() const {
    if (!ordered_) order();
    return entries_;
  }
  // Where an entry ends: at the next one, or at the trailer.
  std::uint64_t end_of(std::uint32_t entry) const {
    return entry + std::size_t{1} < entries().size() ? entries_[entry + 1].offset : end_;
  }
  bool ordered() const { return ordered_; }
  bool indexed() const { return index_.has_value(); } // and, once in order, the index is right
  // What kept the entries from being complete (bad index, truncated pack, bad stream in a walk, count that differs).
  const std::vector<Error>& damage() const {
    entries();
    return damage_;
  }
  // Where an object's entry begins, by a look into the index and no more: it may lie outside of the pack. Nullopt
  // also without index. From any thread.
  std::optional<std::uint64_t> offset_of(const ObjectId& id) const;
  void expect_finds(std::size_t count) const { // before so many offset_of()
    if (index_) index_->expect_finds(count);
  }
  // Position in entries() of the entry that begins at `offset`.
  std::optional<std::uint32_t> entry_at(std::uint64_t offset) const;
  std::optional<std::uint32_t> entry_of(const ObjectId& id) const; // through the index or computed ids
  std::optional<ObjectId> id_of(std::uint32_t entry) const;
  // Without an index: resolves everything once and remembers ids, and shows the objects to `also` on the way. With an
  // index, or the second time: nothing to do.
  void compute_ids(ResolveOptions how, const ResolveVisitor& also);
  bool knows_ids() const { return entries().empty() || index_ || !ids_.empty(); }

  Outcome<EntryHeader> header(std::uint32_t entry) const;
  // Brings an entry's first bytes into the processor's cache; any number may be asked for.
  void prefetch_header(std::uint32_t entry) const {
    if (entry >= entries_.size()) return;
    file_.expect(entries_[entry].offset);
    __builtin_prefetch(bytes().data() + entries_[entry].offset);
  }
  // Before the entry that begins there is read (header() knows).
  void expect(std::uint64_t offset) const { file_.expect(offset); }
  // The bytes of the body at `offset`, as MappedFile::look() gives them.
  Bytes look(std::uint64_t offset, std::span<std::uint8_t> room) const {
    return offset < body().size() ? file_.look(offset, room.first(std::min<std::uint64_t>(room.size(), body().size() - offset))) : Bytes();
  }
  // For very many entry_of(), each preceded by these two, with as much between them as memory takes to answer.
  void refine_index() {
    if (index_) index_->refine();
  }
  void prefetch_find(const ObjectId& id) const {
    if (index_) index_->prefetch_find(id);
  }
  void prefetch_found(const ObjectId& id) const {
    if (!index_) return;
    if (const std::uint32_t near = index_->prefetch_found(id); near < entry_of_position_.size())
      __builtin_prefetch(&entry_of_position_[near]);
  }
  // As for a header, for its id in the index.
  void prefetch_id(std::uint32_t entry) const {
    if (index_ && entry < entries_.size()) index_->prefetch(entries_[entry].index_position);
  }
  // The zlib stream of an entry: from its header's data_offset up to the next entry.
  Bytes stream(const EntryHeader& header, std::uint32_t entry) const;
  // The pack's own trailer against the hash of all before it.
  Result<void> verify_trailer() const;
  Result<void> verify_trailer(const ObjectId& body_hash) const; // for whoever has that already
  // Everything before the trailer: what entries may be made of.
  Bytes body() const { return bytes().first(bytes().size() - hash_size(hash_)); }

private:
  Bytes computed_id(std::uint32_t entry) const {
    return Bytes(ids_).subspan(std::size_t{entry} * hash_size(hash_), hash_size(hash_));
  }
  Result<void> take_index(const std::string& index_path);
  void order() const;
  Result<void> order_index() const;
  bool order_by_reverse_index(std::uint64_t end) const;
  void walk() const;

  MappedFile file_;
  mutable std::optional<Index> index_; // given up where its offsets turn out to be wrong
  mutable HashKind hash_ = HashKind::sha1;
  unsigned version_ = 2;
  std::uint32_t stated_count_ = 0;
  OpenLimits limits_;
  mutable bool ordered_ = false; // entries_, entry_of_position_ and damage_ are made
  mutable std::vector<PackEntry> entries_;
  mutable std::uint64_t end_ = 0; // of the last entry
  mutable std::vector<std::uint32_t> entry_of_position_; // index position -> entry
  std::vector<std::uint8_t> ids_;                // computed, by entry; all zeros where the object cannot be resolved
  std::vector<std::uint32_t> by_id_;             // entries with a computed id, in id order
  mutable std::vector<Error> damage_;
};

} // namespace packscope::pack
